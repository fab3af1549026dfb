import { isDeepStrictEqual } from "node:util";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import type { IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { unary } from "../engine/unary.js";
import { createClient } from "./client.js";
import { record } from "./record.js";
import type { Context, Properties, Resource } from "./resource.js";
import { lookUpZone, zone } from "./zone.js";

const resources: Record<string, Resource> = {
	"aws:route53/record:Record": record,
	"aws:route53/zone:Zone": zone,
};

// The calls left out (Handshake, GetSchema, DiffConfig, …) gRPC answers with UNIMPLEMENTED, which the
// engine understands.
type Handlers = Pick<
	IResourceProviderServer,
	| "getPluginInfo"
	| "checkConfig"
	| "configure"
	| "check"
	| "diff"
	| "create"
	| "read"
	| "update"
	| "delete"
	| "invoke"
	| "cancel"
>;

/** The `ResourceProvider` service of the stand-in: translates between gRPC and {@link Resource}. */
export class AwsPlugin {
	readonly #cancelled = new AbortController();
	#context: Context | undefined;

	handlers(): Handlers {
		return {
			getPluginInfo: unary(() => new plugin.PluginInfo().setVersion("7.48.0")),
			checkConfig: unary((request) => new provider.CheckResponse().setInputs(request.getNews())),
			configure: unary((request) => {
				this.#context = {
					route53: createClient(fromStruct(request.getArgs())),
					signal: this.#cancelled.signal,
				};
				return new provider.ConfigureResponse();
			}),
			check: unary((request) => {
				const news = fromStruct(request.getNews());
				const { inputs } = resourceOf(request.getUrn());
				return new provider.CheckResponse().setInputs(toStruct(news)).setFailuresList(
					Object.keys(news)
						.filter((name) => !inputs.includes(name) && !name.startsWith("__"))
						.map((name) =>
							new provider.CheckFailure()
								.setProperty(name)
								.setReason(`the sandbox's stand-in for the AWS plugin does not know ${name}`),
						),
				);
			}),
			diff: unary((request) => {
				const { inputs, replaceOn } = resourceOf(request.getUrn());
				const olds = fromStruct(request.getOldInputs());
				const news = fromStruct(request.getNews());
				const changed = inputs.filter((name) => !isDeepStrictEqual(olds[name], news[name]));
				const { DIFF_SOME, DIFF_NONE } = provider.DiffResponse.DiffChanges;
				return new provider.DiffResponse()
					.setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE)
					.setDiffsList(changed)
					.setReplacesList(changed.filter((name) => replaceOn.includes(name)));
			}),
			create: unary(async (request) => {
				const inputs = fromStruct(request.getProperties());
				const { id, outputs } = await resourceOf(request.getUrn()).create(inputs, this.#ready());
				return new provider.CreateResponse().setId(id).setProperties(toStruct(outputs));
			}),
			read: unary(async (request) => {
				const id = request.getId();
				const outputs = fromStruct(request.getProperties());
				const found = await resourceOf(request.getUrn()).read(id, outputs, this.#ready());
				// Without an id the resource is gone.
				if (found === undefined) return new provider.ReadResponse();
				return new provider.ReadResponse()
					.setId(id)
					.setInputs(toStruct(found.inputs))
					.setProperties(toStruct(found.outputs));
			}),
			update: unary(async (request) => {
				const inputs = fromStruct(request.getNews());
				const outputs = await resourceOf(request.getUrn()).update(request.getId(), inputs, this.#ready());
				return new provider.UpdateResponse().setProperties(toStruct(outputs));
			}),
			delete: unary(async (request) => {
				const outputs = fromStruct(request.getProperties());
				await resourceOf(request.getUrn()).delete(request.getId(), outputs, this.#ready());
				return new empty.Empty();
			}),
			invoke: unary(async (request) => {
				if (request.getTok() !== "aws:route53/getZone:getZone") throw unsupported(request.getTok());
				const args = fromStruct(request.getArgs());
				return new provider.InvokeResponse().setReturn(toStruct(await lookUpZone(args, this.#ready())));
			}),
			cancel: unary(() => {
				this.#cancelled.abort();
				return new empty.Empty();
			}),
		};
	}

	#ready(): Context {
		if (this.#context === undefined) throw new Error("The AWS plugin has not been configured");
		return this.#context;
	}
}

function resourceOf(urn: string): Resource {
	const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
	const resource = resources[type];
	if (resource === undefined) throw unsupported(type);
	return resource;
}

function unsupported(token: string): Error {
	return new Error(
		`The sandbox's stand-in for the AWS plugin has no ${token}: it knows ${Object.keys(resources).join(", ")} ` +
			"and aws:route53/getZone:getZone",
	);
}

function fromStruct(value: struct.Struct | undefined): Properties {
	return value?.toJavaScript() ?? {};
}

function toStruct(properties: Properties): struct.Struct {
	const defined = Object.entries(properties).filter(([, value]) => value !== undefined);
	return struct.Struct.fromJavaScript(Object.fromEntries(defined) as Record<string, struct.JavaScriptValue>);
}
