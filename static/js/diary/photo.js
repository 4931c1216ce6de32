// A photo made small enough for a weak connection: at most 1600 pixels, as JPEG, without what the camera wrote into it.
(() => {
  "use strict";
  const LONGEST = 1600;
  const QUALITY = 0.8;

  // Gives {type, bytes}; a file the browser cannot draw goes as it is.
  window.diary.photo = async (file) => {
    const whole = async () => ({ type: file.type, bytes: await file.arrayBuffer() });
    let image;
    try {
      image = await createImageBitmap(file);
    } catch {
      return whole();
    }
    const scale = Math.min(1, LONGEST / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.width * scale);
    canvas.height = Math.round(image.height * scale);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    image.close();
    const small = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", QUALITY); });
    return small ? { type: "image/jpeg", bytes: await small.arrayBuffer() } : whole();
  };
})();
