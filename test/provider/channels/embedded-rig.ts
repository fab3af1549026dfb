import { createLookups } from "../../../dns/index.js";
import { connect } from "../../../provider/core/channels/embedded/connect.js";
import { EmbeddedChannels, type EmbeddedOptions } from "../../../provider/core/channels/embedded/embedded.js";
import { connectRoute53 } from "../../../provider/core/hosts/route53/client.js";
import { route53Zones } from "../../../provider/core/hosts/route53/host.js";
import { RunCache } from "../../../provider/core/run/cache.js";
import { Claims } from "../../../provider/core/run/claims.js";
import type { World } from "../../../provider/core/world.js";
import { defaultAccount, type Sandbox, type SandboxOptions, startSandbox } from "../../../sandbox/index.js";
import { HastyClock } from "../hasty-clock.js";

/** The sandbox alone, and worlds of provider processes that have the API in themselves. */
export interface EmbeddedRig extends AsyncDisposable {
	readonly sandbox: Sandbox;
	/** The world of a new provider process, for one resource of a stack. */
	world(options?: WorldOptions): World;
}

export interface WorldOptions extends Partial<Pick<EmbeddedOptions, "workspaceId" | "mailFrom" | "mx">> {
	/** Aborting ends its work, as a kill does. */
	readonly controller?: AbortController;
	/** The resource. */
	readonly urn?: string;
	readonly region?: string;
	readonly account?: Pick<typeof defaultAccount, "accessKeyId" | "secretAccessKey">;
	readonly warn?: World["progress"]["warn"];
	readonly clock?: HastyClock;
}

const defaultUrn = "urn:pulumi:dev::mail::pulumi-nodejs:dynamic/channels:SesSetup::mail";

export async function startEmbeddedRig(options: SandboxOptions = {}): Promise<EmbeddedRig> {
	await using undo = new AsyncDisposableStack();
	const sandbox = await startSandbox({ route53: { insyncMs: 0 }, ...options });
	undo.defer(() => sandbox.close());
	const running = undo.move();
	return {
		sandbox,
		world({
			controller = new AbortController(),
			region = "us-east-1",
			account = defaultAccount,
			warn = () => {},
			clock = new HastyClock(),
			...more
		} = {}) {
			const { signal: stop } = controller;
			const aws = {
				accessKey: account.accessKeyId,
				secretKey: account.secretAccessKey,
				endpoints: {
					route53: sandbox.route53.url,
					sesv2: sandbox.ses.url,
					sts: sandbox.sts.url,
				},
			};
			const { workspaceId, mailFrom = null, mx = true } = more;
			const common = { aws, env: () => undefined, clock, random: Math.random, stop };
			const api = { kind: "embedded" as const, workspaceId, region, mx };
			const channels = new EmbeddedChannels({
				...{ workspaceId, mailFrom, mx, dmarcPolicy: "none", clock },
				newId: () => crypto.randomUUID(),
				connect: () => connect({ ...common, api }),
			});
			running.defer(() => channels.close());
			const zones = connectRoute53({ ...common, access: {}, onBusy() {} }).then((route53) =>
				route53Zones(route53, { clock, random: Math.random, complete: () => false, stop }),
			);
			return {
				clock,
				random: Math.random,
				channels,
				lookups: createLookups({ servers: [sandbox.dns.authoritative] }),
				hosts: { route53: () => zones },
				progress: { show() {}, warn },
				stop,
				slots: 8,
				claims: new Claims(),
				cache: new RunCache(),
				urn: more.urn ?? defaultUrn,
			};
		},
		[Symbol.asyncDispose]: () => running.disposeAsync(),
	};
}
