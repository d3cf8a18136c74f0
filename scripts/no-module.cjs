// Stands for what dockerode needs for builds with sessions and for ssh in JavaScript, neither of which is used here.
module.exports = {}
