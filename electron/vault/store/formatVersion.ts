/** What a vault file says of itself in its first hundred bytes (FORMAT.md, "The file"). */

/** `STRG`: SQLite's application id at offset 68. */
export const applicationId = 0x53545247;
/** SQLite's user version at offset 60. A file of a higher one is refused, untouched. */
export const formatVersion = 1;
