"""read.R: reads the CSV files of an export into R by what its codebook says; needs nothing but R itself."""

from __future__ import annotations

SCRIPT = """\
# Reads this export into R: typed columns, codes as factors with their words, labels as attributes.
#   source("read.R"); trial <- read_trial()              # in the folder of the unpacked export
#   trial <- read_trial("folder", language = "zh")       # words in Chinese
#   trial$DM, trial[["participants"]], attr(trial$DM$SEX, "label")
# A factor's levels are words; attr(x, "codes") names the code behind each level.
# 将本导出读入R：各列带类型，代码转为因子（水平为含义，attr(x, "codes")为对应代码），标签为属性。

# R ends a line at every carriage return, also within a value: such a one is set aside while the file is read.
set_aside <- as.raw(1)

read_cells <- function(path) {
  bytes <- readBin(path, "raw", file.size(path))
  within <- bytes == as.raw(13) & cumsum(bytes == as.raw(34)) %% 2 == 1
  if (any(within)) {
    if (any(bytes == set_aside)) stop(path, ": a control character (1) stands beside carriage returns")
    bytes[within] <- set_aside
    path <- tempfile()
    on.exit(unlink(path))
    writeBin(bytes, path)
  }
  cells <- read.csv(path, header = TRUE, colClasses = "character", na.strings = NULL, check.names = FALSE,
           encoding = "UTF-8", fileEncoding = "", stringsAsFactors = FALSE, strip.white = FALSE, comment.char = "", quote = "\\"")
  if (any(within)) cells[] <- lapply(cells, function(x) gsub("\\001", "\\r", x, fixed = TRUE))
  cells
}

as_typed <- function(cells, type, codes, language) {
  cells[!nzchar(cells)] <- NA
  if (type %in% c("integer", "decimal")) return(as.numeric(cells))
  if (type == "date") return(as.Date(cells, format = "%Y-%m-%d"))
  if (type == "datetime") return(as.POSIXct(sub("[+]00:00$", "", cells), format = "%Y-%m-%dT%H:%M:%S", tz = "UTC"))
  if (type == "code" && nrow(codes) > 0) {
    words <- if (language == "zh") codes$LABEL_ZH else codes$LABEL_EN
    twice <- duplicated(words) | duplicated(words, fromLast = TRUE)
    words[twice] <- paste0(words[twice], " (", codes$CODE[twice], ")")
    unknown <- setdiff(unique(cells[!is.na(cells)]), codes$CODE)
    known <- c(codes$CODE, unknown)
    read <- factor(cells, levels = known, labels = c(words, unknown))
    attr(read, "codes") <- known
    return(read)
  }
  cells
}

read_trial <- function(folder = ".", language = "en") {
  book <- read_cells(file.path(folder, "codebook.csv"))
  codes <- read_cells(file.path(folder, "codes.csv"))
  codes <- codes[order(codes$CODELIST, as.integer(codes$POSITION)), ]
  files <- unique(book$FILE)
  trial <- lapply(files, function(file) {
    rows <- read_cells(file.path(folder, file))
    columns <- book[book$FILE == file, ]
    for (place in seq_len(nrow(columns))) {
      column <- columns[place, ]
      listed <- codes[codes$CODELIST == column$CODELIST & nzchar(column$CODELIST), ]
      read <- as_typed(rows[[column$COLUMN]], column$TYPE, listed, language)
      attr(read, "label") <- if (language == "zh") column$LABEL_ZH else column$LABEL_EN
      if (nzchar(column$UNIT)) attr(read, "unit") <- column$UNIT
      rows[[column$COLUMN]] <- read
    }
    attr(rows, "label") <- if (language == "zh") columns$TITLE_ZH[1] else columns$TITLE_EN[1]
    rows
  })
  names(trial) <- sub("[.]csv$", "", sub("^forms/", "", files))
  trial
}
"""
