// wrangler's own reader of configs, in this process. It neither prints nor sends anything.

import { dirname } from "node:path";

Object.assign(process.env, { WRANGLER_LOG: "none", WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true" });
const { unstable_readConfig: readConfig } = await import("wrangler");

// What wrangler makes of a config for an environment (default: the top level): { config }, or
// { refusal } in its words. The folder and the name of the file are left out of both.
export function read(path, env) {
  try {
    const { configPath, userConfigPath, ...config } = readConfig({ config: path, env }, { hideWarnings: true });
    return { config: JSON.parse(JSON.stringify(config).replaceAll(dirname(path), "FOLDER")) };
  } catch (error) {
    return { refusal: error.message.replace(/^Processing \S+ configuration:\n/, "").trim() };
  }
}
