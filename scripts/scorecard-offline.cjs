// Preloaded into the scorecard: what it asks of the internet is answered from here when there is none.
const { createRequire } = require('node:module');
const ours = require('../node_modules/node-red/package.json');

const axios = createRequire(process.env.SIPFLOW_SCORECARD)('axios');
const get = axios.get.bind(axios);
const ANSWERS = {
  'https://catalogue.nodered.org/catalogue.json': { modules: [] },
  'https://registry.npmjs.org/node-red': {
    'dist-tags': { latest: ours.version },
    versions: { [ours.version]: { engines: ours.engines } },
  },
};

axios.get = (url, ...rest) =>
  get(url, ...rest).catch((error) => {
    if (!ANSWERS[url]) throw error;
    process.stdout.write(`(${url} cannot be reached: answered by a stand-in)\n`);
    return { data: ANSWERS[url] };
  });
