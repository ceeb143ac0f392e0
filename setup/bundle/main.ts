// `npm run bundle`: writes the bundle, and says where it is.

import { BUNDLE, bundle } from "./bundle.ts";

await bundle();
process.stderr.write(`setup: the command line is in ${BUNDLE}; start it with \`node dist/main.js\`\n`);
