import type { HostedZone as AwsHostedZone, ResourceRecordSet, Route53Client } from "@aws-sdk/client-route-53";
import { canonicalName, encodeOctal } from "../../../../dns/index.js";
import { createHttpTransport } from "../../../../sdk/transport.js";
import type { RecordSetState } from "../../../shapes.js";
import { accountNotAllowed } from "../../aws/account.js";
import { type AwsConnection, connectAws, regionFor } from "../../aws/connection.js";
import { unreadable } from "../../aws/failure.js";
import type { Connect } from "../../aws/http.js";
import { onceInTime } from "../../aws/repeating.js";
import type { Clock } from "../../clock.js";
import type { AwsSettings } from "../../settings/aws-settings.js";
import type { HostedZone } from "../../zones/host.js";
import { type Route53Access, type Route53Api, Route53Error } from "./api.js";
import { fromAws, inRoute53Words, route53Service } from "./failure.js";
import { Throttling } from "./throttling.js";

export interface Route53ClientOptions {
	access: Route53Access;
	aws: AwsSettings;
	env: (key: string) => string | undefined;
	clock: Clock;
	random: () => number;
	stop: AbortSignal;
	/** Told while Route 53 makes everybody wait. */
	onBusy: (line: string) => void;
	/** In place of HTTP. */
	connect?: Connect;
}

/** The calls of Route 53 through the AWS SDK, which is loaded here and only when a zone is first needed. */
export async function connectRoute53(options: Route53ClientOptions): Promise<Route53Api> {
	const { access, aws, env, connect = createHttpTransport } = options;
	const sdk = await import("@aws-sdk/client-route-53");
	const region = regionFor(access, aws, env) ?? "us-east-1";
	const connection = await inRoute53Words(connectAws(route53Service, { access, aws, env, region, connect }));
	const client = new sdk.Route53Client({
		...connection.config,
		// `Throttling` repeats for all callers together; attempts of the SDK's own would go on during its pauses.
		retryStrategy: onceInTime,
		...(aws.endpoints?.route53 && { endpoint: aws.endpoints.route53 }),
	});
	return new SdkRoute53(client, sdk, options, connection);
}

type MetadataBearer = Parameters<typeof unreadable>[2];
type Send<T> = (signal: AbortSignal) => Promise<T>;

class SdkRoute53 implements Route53Api {
	readonly #throttling: Throttling;
	readonly #stop: AbortSignal;
	/** Whether whose the credentials are decides if anything may be asked at all. */
	readonly #checks: boolean;
	#permitted: Promise<void> | undefined;

	constructor(
		private readonly client: Route53Client,
		private readonly sdk: typeof import("@aws-sdk/client-route-53"),
		{ aws, clock, random, stop, onBusy }: Route53ClientOptions,
		private readonly connection: AwsConnection,
	) {
		this.#throttling = new Throttling(clock, random, onBusy, aws.maxAttempts);
		this.#stop = stop;
		this.#checks = aws.allowedAccountIds !== undefined || aws.forbiddenAccountIds !== undefined;
	}

	async listZonesByName(start: { name: string; zoneId?: string }, signal: AbortSignal) {
		const what = "list hosted zones";
		const page = await this.#read(what, signal, (abortSignal) =>
			this.client.send(
				new this.sdk.ListHostedZonesByNameCommand({
					DNSName: encodeOctal(start.name),
					HostedZoneId: start.zoneId,
				}),
				{ abortSignal },
			),
		);
		return {
			items: present(page.HostedZones, what, page).map(hostedZone),
			...(page.IsTruncated &&
				page.NextDNSName && {
					next: {
						name: canonicalName(page.NextDNSName),
						...(page.NextHostedZoneId && { zoneId: bareId(page.NextHostedZoneId) }),
					},
				}),
		};
	}

	async getZone(zoneId: string, signal: AbortSignal) {
		const what = `get hosted zone ${zoneId}`;
		const answer = await this.#read(what, signal, (abortSignal) =>
			this.client.send(new this.sdk.GetHostedZoneCommand({ Id: zoneId }), { abortSignal }),
		);
		return {
			...hostedZone(present(answer.HostedZone, what, answer)),
			nameServers: (answer.DelegationSet?.NameServers ?? []).map(canonicalName),
		};
	}

	async listRecordSets(
		zoneId: string,
		start: { name: string; type?: string; identifier?: string },
		signal: AbortSignal,
	) {
		const what = `list the record sets of hosted zone ${zoneId}`;
		const page = await this.#read(what, signal, (abortSignal) =>
			this.client.send(
				new this.sdk.ListResourceRecordSetsCommand({
					HostedZoneId: zoneId,
					StartRecordName: encodeOctal(start.name),
					StartRecordType: start.type as ResourceRecordSet["Type"],
					StartRecordIdentifier: start.identifier,
				}),
				{ abortSignal },
			),
		);
		return {
			items: present(page.ResourceRecordSets, what, page).map(fromRoute53),
			...(page.IsTruncated &&
				page.NextRecordName && {
					next: {
						name: canonicalName(page.NextRecordName),
						...(page.NextRecordType && { type: page.NextRecordType }),
						...(page.NextRecordIdentifier && { identifier: page.NextRecordIdentifier }),
					},
				}),
		};
	}

	async change(
		zoneId: string,
		changes: { action: "CREATE" | "DELETE"; set: RecordSetState }[],
		signal: AbortSignal,
	) {
		const what = `change hosted zone ${zoneId}`;
		const answer = await this.#call(what, false, signal, (abortSignal) =>
			this.client.send(
				new this.sdk.ChangeResourceRecordSetsCommand({
					HostedZoneId: zoneId,
					ChangeBatch: {
						Comment: "pulumi-channels",
						Changes: changes.map(({ action, set }) => ({
							Action: action,
							ResourceRecordSet: toRoute53(set),
						})),
					},
				}),
				{ abortSignal },
			),
		);
		return bareId(present(answer.ChangeInfo?.Id, what, answer));
	}

	async inSync(changeId: string, signal: AbortSignal) {
		const what = `get change ${changeId}`;
		const answer = await this.#read(what, signal, (abortSignal) =>
			this.client.send(new this.sdk.GetChangeCommand({ Id: changeId }), { abortSignal }),
		);
		return present(answer.ChangeInfo?.Status, what, answer) === "INSYNC";
	}

	/** A call that only reads. */
	#read<T>(what: string, signal: AbortSignal, send: Send<T>): Promise<T> {
		return this.#call(what, true, signal, send);
	}

	async #call<T>(what: string, repeatable: boolean, outer: AbortSignal, send: Send<T>): Promise<T> {
		const signal = AbortSignal.any([outer, this.#stop]);
		await this.#checked(signal);
		return this.#throttling.run(repeatable, signal, async () => {
			try {
				return await send(signal);
			} catch (error) {
				signal.throwIfAborted();
				throw fromAws(this.connection.failure(what, error));
			}
		});
	}

	/** Once, before the first call of all: nothing is registered then for a zone that may not be changed. */
	async #checked(signal: AbortSignal): Promise<void> {
		if (!this.#checks) return;
		this.#permitted ??= this.#throttling
			.run(true, this.#stop, async () => {
				await inRoute53Words(this.connection.account(this.#stop));
			})
			.catch((error: unknown) => {
				// What decided, stands; what did not is asked anew.
				if (!(error instanceof Route53Error && error.word === accountNotAllowed)) this.#permitted = undefined;
				throw error;
			});
		try {
			await this.#permitted;
		} catch (error) {
			signal.throwIfAborted();
			throw error;
		}
	}
}

/** What every answer of a call has: one without it is none of Route 53. */
function present<T>(value: T | undefined, what: string, answer: MetadataBearer): T {
	if (value === undefined) throw fromAws(unreadable(route53Service, what, answer));
	return value;
}

const bareId = (id: string) => id.replace(/^\/?(hostedzone|change)\//, "");

function hostedZone(zone: Partial<AwsHostedZone>): HostedZone {
	return {
		id: bareId(zone.Id ?? ""),
		name: canonicalName(zone.Name ?? ""),
		private: zone.Config?.PrivateZone ?? false,
	};
}

/** Keeps whatever makes a set more than plain in `rest`, because a DELETE must repeat it exactly. */
function fromRoute53({ Name, Type, TTL, ResourceRecords, ...rest }: ResourceRecordSet): RecordSetState {
	const more = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
	return {
		name: canonicalName(Name ?? ""),
		type: Type ?? "",
		...(TTL !== undefined && { ttl: TTL }),
		values: (ResourceRecords ?? []).map(({ Value }) => Value ?? ""),
		...(Object.keys(more).length > 0 && { rest: more }),
	};
}

function toRoute53({ name, type, ttl, values, rest }: RecordSetState): ResourceRecordSet {
	return {
		...rest,
		Name: encodeOctal(name),
		Type: type as ResourceRecordSet["Type"],
		...(ttl !== undefined && { TTL: ttl }),
		...(values.length > 0 && { ResourceRecords: values.map((Value) => ({ Value })) }),
	};
}
