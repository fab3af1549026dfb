import { createRequire } from "node:module";
import { join } from "node:path";
import { installInto } from "./cache.js";
import { isExecutable, pulumiPackageDir } from "./paths.js";
import { runWithProgress } from "./progress.js";
import type { Source, SourceContext } from "./source.js";

const DEADLINE_MS = 10 * 60 * 1000;

// The installer has neither a deadline nor a way to be stopped: as a process of its own it gets both.
// Its version defaults to that of the SDK, which is the one we want, and it runs what it installed once.
const SCRIPT = `
	require(process.argv[1]).PulumiCommand.install({ root: process.argv[2] }).catch((error) => {
		console.error(error.message);
		process.exitCode = 1;
	});
`;

const { version } = createRequire(import.meta.url)("@pulumi/pulumi/package.json") as { version: string };
const folder = `pulumi-${version}-official`;

/** What the official installer put into the cache before. Only a CLI that ran ever got there. */
export const installed: Source = async ({ cacheDir }) => {
	const command = join(cacheDir, folder, "bin/pulumi");
	return isExecutable(command) ? { command, version, ownLanguageHost: true } : `${command} is not there`;
};

/** The official installer, through the SDK's automation API; it writes into the cache folder only. */
export const installer: Source = async (context) => {
	try {
		await installInto(context.cacheDir, folder, (root) => runInstaller(root, context));
	} catch (error) {
		context.signal?.throwIfAborted();
		return error instanceof Error ? error.message : String(error);
	}
	return await installed(context);
};

async function runInstaller(root: string, context: SourceContext): Promise<void> {
	const { code, stdout, stderr } = await runWithProgress(
		`Downloading the Pulumi CLI ${version} (about 25 s)`,
		process.execPath,
		["-e", SCRIPT, join(pulumiPackageDir, "automation"), root],
		{ ...context, deadlineMs: DEADLINE_MS },
	);
	if (code !== 0) throw new Error((stderr.trim() || stdout.trim() || `exit code ${code}`).slice(-500));
}
