// A table marked data-matrix is one stop for Tab; arrow keys, Home and End move among its links, Enter opens.
(() => {
  "use strict";
  document.querySelectorAll("table[data-matrix]").forEach((table) => {
    const rows = [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.querySelector("a")));
    const links = rows.flat().filter(Boolean);
    if (!links.length) return;
    const only = (link) => links.forEach((other) => { other.tabIndex = other === link ? 0 : -1; });
    only(links[0]);
    table.addEventListener("focusin", (event) => {
      if (links.includes(event.target)) only(event.target);
    });

    const next = (row, column, down, right) => {
      for (let r = row + down, c = column + right; rows[r] && c >= 0 && c < rows[r].length; r += down, c += right) {
        if (rows[r][c]) return rows[r][c];
      }
      return null;
    };

    table.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const row = rows.findIndex((cells) => cells.includes(event.target));
      if (row < 0) return;
      const column = rows[row].indexOf(event.target);
      const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
      let link = null;
      if (event.key in steps) link = next(row, column, ...steps[event.key]);
      else if (event.key === "Home") link = rows[row].find(Boolean);
      else if (event.key === "End") link = rows[row].findLast(Boolean);
      else return;
      event.preventDefault();
      if (link) link.focus();
    });
  });
})();
