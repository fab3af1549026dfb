import type { ChildProcess } from "node:child_process";
import type { ILanguageRuntimeServer } from "@pulumi/pulumi/proto/language_grpc_pb.js";
import language from "@pulumi/pulumi/proto/language_pb.js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { unary } from "../unary.js";
import { installDependencies, programDependencies } from "./dependencies.js";
import { runPolicyPack } from "./policy-pack.js";
import { runProgram } from "./program.js";

// The calls that only code generators and plugins written in TypeScript need are left out; gRPC answers them with
// UNIMPLEMENTED, which the engine understands.
type Handlers = Pick<
	ILanguageRuntimeServer,
	| "handshake"
	| "getPluginInfo"
	| "getRequiredPackages"
	| "getRequiredPlugins"
	| "runtimeOptionsPrompts"
	| "about"
	| "getProgramDependencies"
	| "installDependencies"
	| "run"
	| "runPlugin"
	| "cancel"
>;

/** Pulumi's `LanguageRuntime` for Node.js: runs programs, installs and lists their packages. */
export class LanguageHost {
	readonly #engineAddress: string;
	readonly #children = new Set<ChildProcess>();

	constructor(engineAddress: string) {
		this.#engineAddress = engineAddress;
	}

	handlers(): Handlers {
		return {
			handshake: unary(() => new language.LanguageHandshakeResponse()),
			getPluginInfo: unary(() => new plugin.PluginInfo().setVersion("")),
			// Plugins are named by the programs' own SDKs when their first resource is registered.
			getRequiredPackages: unary(() => new language.GetRequiredPackagesResponse()),
			getRequiredPlugins: unary(() => new language.GetRequiredPluginsResponse()),
			runtimeOptionsPrompts: unary(() => new language.RuntimeOptionsResponse()),
			about: unary(() =>
				new language.AboutResponse().setExecutable(process.execPath).setVersion(process.version),
			),
			getProgramDependencies: unary((request) => programDependencies(request)),
			installDependencies: (call) => {
				void installDependencies(call, this.#track);
			},
			runPlugin: (call) => {
				void runPolicyPack(call, this.#track);
			},
			run: unary((request) => runProgram(request, this.#engineAddress, this.#track)),
			cancel: unary(() => {
				this.signalChildren("SIGINT");
				return new empty.Empty();
			}),
		};
	}

	/** Sends a signal to every program and package manager that is still running. */
	signalChildren(signal: NodeJS.Signals): void {
		for (const child of this.#children) child.kill(signal);
	}

	readonly #track = (child: ChildProcess): void => {
		this.#children.add(child);
		child.once("close", () => this.#children.delete(child));
	};
}
