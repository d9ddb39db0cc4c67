// Locks by proper-lockfile, says that it is inside, and stays until it is told to leave.
const lockfile = require('proper-lockfile');

const lockfilePath = process.argv[2];
lockfile.lock(lockfilePath, { lockfilePath, realpath: false }).then(
  (release) => {
    console.log('@inside ' + process.pid);
    process.stdin.once('data', () => release().then(() => process.exit(0)));
  },
  (error) => {
    console.error(error.code);
    process.exit(75);
  },
);
