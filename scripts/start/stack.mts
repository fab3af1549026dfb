import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Engine, runOnTerminal } from "@pulumi-channels/sandbox/engine";
import { repository } from "../setup.mjs";

export interface Stack extends AsyncDisposable {
	/** A shell file that exports what `pulumi` needs to work on this stack. */
	readonly environmentFile: string;
	/** `pulumi up` on this terminal; gives its exit code. */
	up(): Promise<number>;
	outputs(): Promise<Record<string, unknown>>;
}

type Settings = Readonly<Record<string, string>>;

/** A stack of the quick start, which goes without a trace: the backdrop it describes is gone with it. */
export async function createStack(
	engine: Engine,
	surroundings: Settings,
	config: { readonly plaintext: Settings; readonly secret: Settings },
): Promise<Stack> {
	await using undo = new AsyncDisposableStack();
	const folder = await mkdtemp(join(tmpdir(), "pulumi-channels-stack-"));
	undo.defer(() => rm(folder, { recursive: true, force: true }));
	await mkdir(join(folder, "state"));
	const env = {
		...surroundings,
		PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
		PULUMI_CONFIG_PASSPHRASE: "quickstart",
		// The selected stack is remembered here, and nothing of the user's own is touched.
		PULUMI_HOME: join(folder, "home"),
	};
	const environmentFile = join(folder, "env");
	const lines = Object.entries(env).map(([name, value]) => `export ${name}='${value}'\n`);
	await writeFile(environmentFile, lines.join(""), { mode: 0o600 });

	const pulumi = async (args: string[]) => {
		const { code, stdout, stderr } = await engine.run([...args, "--non-interactive"], {
			cwd: repository,
			env,
		});
		if (code !== 0) throw new Error(`pulumi ${args[0]} failed (exit code ${code}): ${stderr || stdout}`);
		return stdout;
	};

	// The CLI keeps a stack's configuration beside Pulumi.yaml.
	const name = `npm-start-${randomBytes(3).toString("hex")}`;
	undo.defer(() => rm(join(repository, `Pulumi.${name}.yaml`), { force: true }));
	await pulumi(["stack", "init", name]);
	const settings = Object.entries(config).flatMap(([kind, values]) =>
		Object.entries(values).flatMap(([key, value]) => [`--${kind}`, `${key}=${value}`]),
	);
	await pulumi(["config", "set-all", ...settings]);

	const stack = undo.move();
	return {
		environmentFile,
		up: () => runOnTerminal(engine, ["up", "--yes", "--skip-preview"], { cwd: repository, env }),
		outputs: async () => JSON.parse(await pulumi(["stack", "output", "--json"])) as Record<string, unknown>,
		[Symbol.asyncDispose]: () => stack.disposeAsync(),
	};
}
