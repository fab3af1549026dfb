import { realpathSync } from "node:fs";
import { sep } from "node:path";
import { findOnPath } from "./paths.js";
import { hasLanguageHost, isRecentEnough, MINIMUM_VERSION, probeVersion, type Source } from "./source.js";

/** `pulumi` on PATH, if it is recent enough and can run Node.js programs. */
export const onPath: Source = async (context) => {
	const refusals: string[] = [];
	for (const command of findOnPath("pulumi", context.env)) {
		const real = realpathSync(command);
		// Within an environment of our own making the cache is on PATH: it has its own turn.
		if (real.startsWith(context.cacheDir + sep)) continue;
		const version = await probeVersion(command, context);
		if (version === undefined) {
			refusals.push(`${command} does not tell its version`);
		} else if (!isRecentEnough(version)) {
			refusals.push(`${command} is ${version}, older than ${MINIMUM_VERSION}`);
		} else if (!hasLanguageHost(real) && findOnPath("pulumi-language-nodejs", context.env).length === 0) {
			refusals.push(`${command} has no pulumi-language-nodejs beside it or on PATH`);
		} else {
			return { command, version, ownLanguageHost: true };
		}
	}
	return refusals.length === 0 ? "not found" : refusals.join("; ");
};
