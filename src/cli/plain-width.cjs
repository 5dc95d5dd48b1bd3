/** Stands for the package string-width in the bundle of `check`: its help is plain letters, each one column wide. */
module.exports = (text) => text.length;
