import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import language from "@pulumi/pulumi/proto/language_pb.js";

type InstallCall = grpc.ServerWritableStream<
	language.InstallDependenciesRequest,
	language.InstallDependenciesResponse
>;

/** Installs a program's packages with its package manager, passing on what that prints. */
export async function installDependencies(
	call: InstallCall,
	track: (child: ChildProcess) => void,
): Promise<void> {
	const options = call.request.getInfo()?.getOptions()?.toJavaScript() ?? {};
	const manager = managerOf(options.packagemanager);
	const child = spawn(manager, ["install"], {
		cwd: call.request.getInfo()?.getProgramDirectory() || call.request.getDirectory(),
		stdio: ["ignore", "pipe", "pipe"],
	});
	track(child);
	child.stdout.on("data", (chunk: Buffer) => {
		call.write(new language.InstallDependenciesResponse().setStdout(chunk));
	});
	child.stderr.on("data", (chunk: Buffer) => {
		call.write(new language.InstallDependenciesResponse().setStderr(chunk));
	});
	const problem = await new Promise<string | undefined>((resolve) => {
		child.once("error", (error) => resolve(`${manager} could not be started: ${error.message}`));
		child.once("close", (code, signal) =>
			resolve(code === 0 ? undefined : `${manager} install failed (${signal ?? `exit code ${code}`})`),
		);
	});
	if (problem === undefined) call.end();
	else call.emit("error", { code: grpc.status.UNKNOWN, details: problem });
}

/** The packages that the program's package.json names, in the versions that are installed. */
export async function programDependencies(
	request: language.GetProgramDependenciesRequest,
): Promise<language.GetProgramDependenciesResponse> {
	const directory = request.getInfo()?.getProgramDirectory() || request.getPwd();
	const response = new language.GetProgramDependenciesResponse();
	const manifest = await nearestManifest(directory);
	if (manifest === undefined) return response;
	for (const name of Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })) {
		const installed = await readManifest(join(manifest.directory, "node_modules", name));
		if (installed?.version === undefined) continue;
		response.addDependencies(new language.DependencyInfo().setName(name).setVersion(installed.version));
	}
	return response;
}

function managerOf(option: unknown): string {
	return typeof option === "string" && ["npm", "pnpm", "yarn", "bun"].includes(option) ? option : "npm";
}

interface Manifest {
	version?: string;
	dependencies?: Record<string, string>;
	devDependencies?: Record<string, string>;
}

async function readManifest(directory: string): Promise<Manifest | undefined> {
	const text = await readFile(join(directory, "package.json"), "utf8").catch(() => undefined);
	return text === undefined ? undefined : (JSON.parse(text) as Manifest);
}

async function nearestManifest(directory: string): Promise<(Manifest & { directory: string }) | undefined> {
	const manifest = await readManifest(directory);
	if (manifest !== undefined) return { ...manifest, directory };
	const parent = dirname(directory);
	return parent === directory ? undefined : await nearestManifest(parent);
}
