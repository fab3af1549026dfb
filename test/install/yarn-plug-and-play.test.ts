import { runIn, yarnPlugAndPlay } from "./installers.js";
import { describeInstaller } from "./matrix.js";
import { kinds } from "./programs.js";

// Pulumi does not support it. Its processes find packages by the hooks that `yarn exec` sets; docs/install.md says
// what works so.
describeInstaller(yarnPlugAndPlay, {
	kinds: kinds.filter(({ name }) => ["older-template", "javascript", "tsx", "stripped"].includes(name)),
	env: async (folder) => {
		const hooks = await runIn(folder, ["yarn", "exec", "node", "-p", "process.env.NODE_OPTIONS"]);
		return { NODE_OPTIONS: hooks.trim() };
	},
});
