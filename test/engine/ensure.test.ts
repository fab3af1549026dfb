// @module-tag all
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { EngineUnavailableError, ensurePulumi } from "../../sandbox/engine/index.js";
import { waitUntil } from "../support/wait.js";

// The executables here are shell scripts, real processes all the same; the real ones are tried by the
// integration tests.
let root: string;
let bin: string;
let cacheDir: string;
let lines: string[];

beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), "pulumi-channels-ensure-"));
	bin = join(root, "bin");
	cacheDir = join(root, "cache");
	lines = [];
	await mkdir(bin);
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function executable(file: string, script: string): Promise<void> {
	await writeFile(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

async function pulumi(folder: string, version: string, { languageHost = true } = {}): Promise<void> {
	await mkdir(folder, { recursive: true });
	await executable(join(folder, "pulumi"), `[ "$1" = version ] && echo v${version}`);
	if (languageHost) await executable(join(folder, "pulumi-language-nodejs"), "exit 0");
}

/** A Go that "builds" what `build` says into the file after `-o`. */
async function go(build: string, version = "go1.99.0"): Promise<void> {
	await executable(
		join(bin, "go"),
		`case "$1" in
			version) echo "go version ${version} linux/amd64" ;;
			build)
				while [ "$1" != -o ]; do shift; done
				/bin/mkdir -p "\${2%/pulumi}"
				${build} ;;
		esac`,
	);
}

const buildsPulumi = `printf '#!/bin/sh\\necho v3.276.0\\n' > "$2" && /bin/chmod +x "$2"`;

function ensure(options: { signal?: AbortSignal } = {}) {
	return ensurePulumi({
		cacheDir,
		log: (line) => lines.push(line),
		// Nobody listens on port 1: the network of the official installer is closed.
		env: { PATH: bin, HOME: root, NODE_USE_ENV_PROXY: "1", HTTPS_PROXY: "http://127.0.0.1:1" },
		...options,
	});
}

test("a recent `pulumi` on PATH is used as it stands", async () => {
	await pulumi(bin, "3.300.0");
	const engine = await ensure();
	expect(engine).toMatchObject({ origin: "path", version: "3.300.0", command: join(bin, "pulumi") });
	expect((await engine.run(["version"])).stdout).toBe("v3.300.0\n");
});

test("a `pulumi` on PATH that is too old or cannot run Node.js programs is passed over, and named", async () => {
	await pulumi(bin, "3.100.0");
	await go(buildsPulumi);
	expect(await ensure()).toMatchObject({ origin: "build" });
	expect(lines.join("\n")).toContain(`${join(bin, "pulumi")} is 3.100.0, older than 3.254.0`);

	await rm(cacheDir, { recursive: true });
	await pulumi(bin, "3.300.0");
	await rm(join(bin, "pulumi-language-nodejs"));
	expect(await ensure()).toMatchObject({ origin: "build" });
	expect(lines.join("\n")).toContain("has no pulumi-language-nodejs");
});

test("where the installer cannot reach its server, the CLI is built, once", async () => {
	await go(`echo once >> ${join(root, "builds")}; ${buildsPulumi}`);
	const first = await ensure();
	expect(first).toMatchObject({ origin: "build", version: "3.276.0" });
	expect(lines.join("\n")).toMatch(/No Pulumi CLI from the official installer: .*get\.pulumi\.com/);
	expect(lines.join("\n")).toMatch(/Building Pulumi 3\.276\.0 \(3 to 5 minutes on 2 cores\)/);

	expect(await ensure()).toMatchObject({ origin: "cache", command: first.command });
	expect(await readFile(join(root, "builds"), "utf8")).toBe("once\n");
});

test("two at once do not disturb each other and leave one CLI behind", async () => {
	await go(buildsPulumi);
	const [one, two] = await Promise.all([ensure(), ensure()]);
	expect(one.command).toBe(two.command);
	expect((await one.run(["version"])).code).toBe(0);
	expect((await readdir(cacheDir)).filter((name) => name.includes("partial"))).toEqual([]);
});

test("a build that fails leaves nothing in the cache and says what Go said", async () => {
	await go("echo 'no space left on device' >&2; exit 1");
	const error: unknown = await ensure().catch((caught: unknown) => caught);
	expect(error).toBeInstanceOf(EngineUnavailableError);
	expect(String(error)).toContain("no space left on device");
	expect((await readdir(cacheDir)).filter((name) => name.startsWith("pulumi-"))).toEqual([]);
});

test("where nothing works the error names the three ways that were tried and what to install", async () => {
	const error: unknown = await ensure().catch((caught: unknown) => caught);
	expect(error).toBeInstanceOf(EngineUnavailableError);
	expect(String(error)).toMatch(/1\. `pulumi` on PATH: not found/);
	expect(String(error)).toMatch(/2\. the official installer: /);
	expect(String(error)).toMatch(/3\. a build from its Go module: Go is not on PATH/);
	expect(String(error)).toContain("https://www.pulumi.com/docs/install/");
});

test("a Go that is too old is said to be", async () => {
	await go(buildsPulumi, "go1.19.2");
	await expect(ensure()).rejects.toThrow(/Go 1\.26\.6 or newer is needed, .*go1\.19\.2/);
});

test("an abort ends a build with all its processes and leaves nothing behind", async () => {
	const pidFile = join(root, "pid");
	// The compiler is a child of Go's, and the one that would go on.
	await go(`/bin/sh -c 'echo $$ > ${pidFile}; exec /bin/sleep 600'`);
	const controller = new AbortController();
	const running = ensure({ signal: controller.signal });
	const pid = async () => Number(await readFile(pidFile, "utf8").catch(() => "0"));
	await waitUntil(async () => (await pid()) > 0, { timeoutMs: 20_000, what: () => "build" });
	controller.abort(new Error("enough"));
	await expect(running).rejects.toThrow("enough");
	const compiler = await pid();
	expect(() => process.kill(compiler, 0)).toThrow("ESRCH");
	expect((await readdir(cacheDir)).filter((name) => name.startsWith("pulumi-"))).toEqual([]);
});

test("the environment puts CLI, Node.js and, when asked for, the AWS stand-in on PATH", async () => {
	await go(buildsPulumi);
	const engine = await ensure();
	const plain = engine.env({ EXTRA: "1" });
	expect(plain.EXTRA).toBe("1");
	expect(plain.PATH?.split(":")[0]).toBe(join(cacheDir, "pulumi-3.276.0/bin"));
	expect(plain.PATH).not.toContain("aws-plugin");
	expect(engine.env({}, { awsPlugin: true }).PATH).toContain("aws-plugin/bin");
});
