// Brings a clone to the point where everything can run: packages installed, sources compiled. Runs on the
// Node.js that the machine happens to have (18 or newer): no packages, no newer syntax.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { run } from "./run-process.mjs";

export const repository = fileURLToPath(new URL("..", import.meta.url));

/** The Node.js that package.json pins; there once the packages are installed. */
export const pinnedNode = join(
	repository,
	process.platform === "win32" ? "node_modules/node/bin/node.exe" : "node_modules/node/bin/node",
);

/**
 * Installs and compiles what is missing or out of date, and says so.
 * @throws {Error} when a step fails; the step has then printed why.
 */
export async function setup() {
	if (!isInstalled()) {
		// Without npm's warnings that the machine's Node.js is too old: nothing of ours runs on it.
		await step("Installing packages (npm ci, about a minute)", "npm", [
			"ci",
			"--loglevel=error",
			"--no-audit",
			"--no-fund",
		]);
	}
	const typescript = join(repository, "node_modules/typescript/bin/tsc");
	const label = existsSync(join(repository, "dist/.tsbuildinfo")) ? undefined : "Compiling (tsc -b)";
	await step(label, pinnedNode, [typescript, "-b", "tsconfig.lib.json", "service", "sandbox"]);
}

/** Whether node_modules holds exactly the versions of package-lock.json. */
function isInstalled() {
	// npm writes this file last: an installation that was broken off has none.
	const written = join(repository, "node_modules/.package-lock.json");
	if (!existsSync(pinnedNode) || !existsSync(written)) return false;
	const installed = packagesOf(written);
	return Object.entries(packagesOf(join(repository, "package-lock.json")))
		.filter(([path, { optional, link }]) => path.includes("node_modules/") && !optional && !link)
		.every(([path, { version }]) => installed[path] !== undefined && installed[path].version === version);
}

function packagesOf(lockFile) {
	return JSON.parse(readFileSync(lockFile, "utf8")).packages;
}

async function step(label, command, args) {
	const started = Date.now();
	if (label !== undefined) console.error(`${label} …`);
	// On Windows npm is a script of the shell.
	const shell = process.platform === "win32" && command === "npm";
	const code = await run(command, args, { cwd: repository, shell });
	if (code !== 0) throw new Error(`${label ?? "Compiling"} failed (exit code ${code})`);
	if (label !== undefined) console.error(`${label}: ${Math.round((Date.now() - started) / 1000)} s`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
	setup().catch((error) => {
		console.error(error.message);
		process.exitCode = 1;
	});
}
