import { createLookups } from "../../dns/index.js";
import { RemoteChannels } from "../../provider/core/channels/remote/remote.js";
import { IncompleteError } from "../../provider/core/errors.js";
import { connectRoute53 } from "../../provider/core/hosts/route53/client.js";
import { route53Zones } from "../../provider/core/hosts/route53/host.js";
import type { RecordsInputs, RecordsOutputs, SetupInputs, SetupOutputs } from "../../provider/core/inputs.js";
import { recordsHandler } from "../../provider/core/records/handler.js";
import { RunCache } from "../../provider/core/run/cache.js";
import { Claims } from "../../provider/core/run/claims.js";
import { setupHandler } from "../../provider/core/setup/handler.js";
import type { DiffWorld, World } from "../../provider/core/world.js";
import { defaultAccount, type Sandbox, type SandboxOptions } from "../../sandbox/index.js";
import { ChannelsClient } from "../../sdk/index.js";
import type { TestService } from "../support/service.js";
import { startStage } from "../support/stage.js";
import { HastyClock } from "./hasty-clock.js";

/** Sandbox and Channels API, and worlds of provider processes that reach them through real clients. */
export interface Rig extends AsyncDisposable {
	readonly sandbox: Sandbox;
	readonly service: TestService;
	/** The service behind the sandbox's log and faults. */
	readonly baseUrl: string;
	/**
	 * The world of a new provider process. Aborting ends its work, as a kill does. Route 53 is the sandbox's
	 * unless another one's URL is given.
	 */
	world(controller?: AbortController, route53Url?: string): World;
}

export async function startRig(options: SandboxOptions = {}): Promise<Rig> {
	await using undo = new AsyncDisposableStack();
	const stage = await startStage({ sandbox: { route53: { insyncMs: 0 }, ...options } });
	undo.use(stage);
	const { sandbox, service, baseUrl } = stage;
	const running = undo.move();

	return {
		sandbox,
		service,
		baseUrl,
		world(controller = new AbortController(), route53Url = sandbox.route53.url) {
			const clock = new HastyClock();
			const stop = controller.signal;
			const channels = new ChannelsClient({
				apiKey: service.apiKey,
				workspaceId: service.workspaceId,
				baseUrl,
				clock,
			});
			running.defer(() => channels.close());
			const zones = connectRoute53({
				access: {},
				aws: {
					accessKey: defaultAccount.accessKeyId,
					secretKey: defaultAccount.secretAccessKey,
					endpoints: { route53: route53Url },
				},
				env: () => undefined,
				clock,
				random: Math.random,
				stop,
				onBusy() {},
			}).then((api) => route53Zones(api, { clock, random: Math.random, complete: () => false, stop }));
			return {
				clock,
				random: Math.random,
				channels: new RemoteChannels(channels),
				lookups: createLookups({ servers: [sandbox.dns.authoritative] }),
				hosts: { route53: () => zones },
				progress: { show() {}, warn() {} },
				stop,
				slots: 8,
				claims: new Claims(),
				cache: new RunCache(),
				urn: undefined,
			};
		},
		[Symbol.asyncDispose]: () => running.disposeAsync(),
	};
}

export const diffWorld = (world: World): DiffWorld => ({ ...world, home: {}, whole: async () => world });

/** The state of one `SesSetup` with `route53`, and what the engine does with it. */
export class Stack {
	setup: { id: string; outputs: SetupOutputs } | undefined;
	records: { id: string; outputs: RecordsOutputs } | undefined;

	constructor(public args: SetupInputs & { route53: NonNullable<SetupInputs["route53"]> }) {}

	async up(world: World): Promise<void> {
		const { setup } = this;
		if (!setup) {
			this.setup = await setupHandler.create(world, this.args);
		} else if ((await setupHandler.diff(diffWorld(world), setup.id, setup.outputs, this.args)).length > 0) {
			this.setup = {
				...setup,
				outputs: await setupHandler.update(world, setup.id, setup.outputs, this.args),
			};
		}
		await this.#publish(world);
	}

	async #publish(world: World): Promise<void> {
		if (!this.setup) return;
		const { id: setupId, outputs } = this.setup;
		const inputs: RecordsInputs = {
			...this.args.route53,
			setupId,
			dnsRecords: outputs.dnsRecords,
			...(outputs.zone && { zone: outputs.zone }),
		};
		try {
			if (!this.records) {
				this.records = await recordsHandler.create(world, inputs);
			} else if (
				(await recordsHandler.diff(diffWorld(world), this.records.id, this.records.outputs, inputs)).length >
				0
			) {
				const { id, outputs: olds } = this.records;
				this.records = { id, outputs: await recordsHandler.update(world, id, olds, inputs) };
			}
		} catch (error) {
			if (error instanceof IncompleteError) {
				this.records = { id: error.id, outputs: error.outputs as RecordsOutputs };
			}
			throw error;
		}
	}

	async refresh(world: World): Promise<void> {
		if (this.setup) {
			const outputs = await setupHandler.read(world, this.setup.id, this.setup.outputs);
			this.setup = outputs && { id: this.setup.id, outputs };
		}
		if (this.records) {
			const outputs = await recordsHandler.read(world, this.records.id, this.records.outputs);
			this.records = outputs && { id: this.records.id, outputs };
		}
	}

	async destroy(world: World): Promise<void> {
		if (this.records) await recordsHandler.delete(world, this.records.id, this.records.outputs);
		this.records = undefined;
		if (this.setup) await setupHandler.delete(world, this.setup.id, this.setup.outputs);
		this.setup = undefined;
	}
}
