// What `npm test` and `npm run test:all` share: phases with their names and times, vitest's report, and one closing line.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { ensurePulumi } from "@pulumi-channels/sandbox/engine";
import { run } from "../run-process.mjs";
import { repository } from "../setup.mjs";

interface VitestReport {
	numPassedTests: number;
	numFailedTests: number;
	testResults: {
		name: string;
		startTime: number;
		endTime: number;
	}[];
}

export const tool = (path: string) => join(repository, "node_modules", path);
/** By the names of their phases. */
const reports = new Map<string, VitestReport>();
const failed: string[] = [];

/** Runs one phase and says how it went; a failing one does not keep the next from running. */
export async function phase(name: string, work: () => Promise<boolean>): Promise<boolean> {
	const started = performance.now();
	console.log(`\n── ${name}`);
	const ok = await work().catch((error: unknown) => {
		console.error(error instanceof Error ? error.message : error);
		return false;
	});
	console.log(`── ${name}: ${ok ? "ok" : "FAILED"} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
	if (!ok) failed.push(name);
	return ok;
}

/** Runs a script on this process's Node.js. */
export async function node(...args: string[]): Promise<boolean> {
	return (await run(process.execPath, args, { cwd: repository })) === 0;
}

/** The phase before all tests that run the CLI: getting it takes minutes the first time. */
export function enginePhase(): Promise<boolean> {
	return phase("The real Pulumi CLI", async () => {
		const { version, command } = await ensurePulumi({ log: console.log });
		console.log(`Pulumi ${version}: ${command}`);
		return true;
	});
}

/** Runs vitest as a phase, and keeps its report for {@link conclude}. */
export async function vitest(name: string, ...args: string[]): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), "pulumi-channels-vitest-"));
	const file = join(folder, "report.json");
	await phase(name, async () => {
		const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
		const ok = await node(tool("vitest/vitest.mjs"), "run", ...reporters, ...args);
		reports.set(name, JSON.parse(readFileSync(file, "utf8")) as VitestReport);
		return ok;
	});
	rmSync(folder, { recursive: true, force: true });
}

/** Where the time goes: files of different workers run side by side. */
function showSlowest(): void {
	const files = [...reports.values()]
		.flatMap(({ testResults }) => testResults)
		.map(({ name, startTime, endTime }) => ({
			name: relative(repository, name),
			seconds: (endTime - startTime) / 1000,
		}))
		.sort((a, b) => b.seconds - a.seconds)
		.slice(0, 10);
	if (files.length === 0) return;
	console.log("\nThe slowest files");
	for (const { name, seconds } of files) console.log(`${seconds.toFixed(1).padStart(7)} s  ${name}`);
}

/** Says what has failed, and counts. @returns the exit code */
export function conclude(): number {
	showSlowest();
	const sum = (of: (report: VitestReport) => number) =>
		[...reports.values()].reduce((total, report) => total + of(report), 0);
	const failedTests = sum(({ numFailedTests }) => numFailedTests);
	// A run that ends badly without a failed test (an unhandled error, say) is a failure all the same.
	const otherFailures = failed.filter((name) => !reports.get(name)?.numFailedTests).length;
	if (failed.length > 0) console.log(`\nFailed: ${failed.join("; ")}`);
	console.log(
		`\n${sum(({ numPassedTests }) => numPassedTests)} passed, ${failedTests + otherFailures} failed`,
	);
	return failed.length === 0 ? 0 : 1;
}
