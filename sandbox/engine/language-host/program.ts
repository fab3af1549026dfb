import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { RunRequest } from "@pulumi/pulumi/proto/language_pb.js";
import language from "@pulumi/pulumi/proto/language_pb.js";
import { parseArgsStringToArgv } from "string-argv";

// @pulumi/pulumi/cmd/run ends with it when the user has already been told what is wrong.
const EXIT_CODE_ALREADY_REPORTED = 32;

/** Runs a Pulumi program to its end. */
export async function runProgram(
	request: RunRequest,
	engineAddress: string,
	track: (child: ChildProcess) => void,
): Promise<language.RunResponse> {
	if (request.getAttachDebugger()) {
		throw new Error("This language host attaches no debugger: install the official Pulumi CLI for that");
	}
	const { args, env, cwd } = programCommand(request, engineAddress);
	// The engine shows the host's own streams to the user, so the program simply inherits them.
	const child = spawn(process.execPath, args, { cwd, env, stdio: ["ignore", "inherit", "inherit"] });
	track(child);
	const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
		child.once("error", reject);
		child.once("close", (...end) => resolve(end));
	});
	const response = new language.RunResponse();
	if (code === 0) return response;
	if (code === EXIT_CODE_ALREADY_REPORTED) return response.setBail(true);
	return response.setError(
		signal === null ? `Program exited with non-zero exit code: ${code}` : `Program was ended by ${signal}`,
	);
}

/** How Node.js is to be called for a program: its arguments, environment and folder. */
function programCommand(
	request: RunRequest,
	engineAddress: string,
): { args: string[]; env: NodeJS.ProcessEnv; cwd: string } {
	const options = request.getInfo()?.getOptions()?.toJavaScript() ?? {};
	const programDirectory = request.getInfo()?.getProgramDirectory() || request.getPwd();
	const nodeArgs = typeof options.nodeargs === "string" ? parseArgsStringToArgv(options.nodeargs) : [];
	const config = Object.fromEntries(request.getConfigMap().toArray());
	return {
		args: [
			...nodeArgs,
			resolveRunner(programDirectory),
			...flag("monitor", request.getMonitorAddress()),
			...flag("engine", engineAddress),
			...flag("organization", request.getOrganization()),
			...flag("project", request.getProject()),
			...flag("root-directory", request.getInfo()?.getRootDirectory() ?? ""),
			...flag("stack", request.getStack()),
			...flag("pwd", request.getPwd()),
			...(request.getDryrun() ? ["--dry-run"] : []),
			...flag("parallel", String(request.getParallel())),
			request.getInfo()?.getEntryPoint() || request.getProgram(),
			...request.getArgsList(),
		],
		env: {
			...process.env,
			PULUMI_CONFIG: JSON.stringify(config),
			PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
			PULUMI_NODEJS_TYPESCRIPT: String(options.typescript !== false),
			...(typeof options.tsconfig === "string" ? { PULUMI_NODEJS_TSCONFIG_PATH: options.tsconfig } : {}),
		},
		cwd: request.getPwd(),
	};
}

function flag(name: string, value: string): string[] {
	return value === "" ? [] : [`--${name}`, value];
}

// The SDK keeps its state in module variables: the runner has to be the program's own copy.
function resolveRunner(programDirectory: string): string {
	try {
		return createRequire(join(programDirectory, "index.js")).resolve("@pulumi/pulumi/cmd/run");
	} catch (cause) {
		throw new Error(
			`@pulumi/pulumi is not installed in ${programDirectory}: run \`pulumi install\` or \`npm install\` there`,
			{ cause },
		);
	}
}
