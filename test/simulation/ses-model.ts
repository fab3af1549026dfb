import { ServiceError } from "../../sandbox/errors.js";
import { Accounts, dropped, type HttpService, systemClock } from "../../sandbox/index.js";
import { createSes, type Ses } from "../../sandbox/ses/index.js";
import type { SesResolver } from "../../sandbox/ses/ses-operations.js";
import type { SesRegion } from "../../sandbox/ses/state.js";
import { stsService } from "../../sandbox/sts/service.js";
import type { HttpAnswer, HttpRequest } from "../../sdk/index.js";
import { deleteIn, recordsIn, type SetupParts, setupsIn } from "../support/in-ses.js";
import type { SimulatedClock } from "./clock.js";
import type { Random } from "./random.js";
import type { KnownSetup } from "./setups.js";

const account = "000000000000";
export const region = "us-east-1";

export interface SesModelOptions {
	readonly clock: SimulatedClock;
	readonly random: Random;
	readonly resolver: SesResolver;
	readonly dmarcPolicy: string;
	/** How long an association that was taken away is still listed, in milliseconds. */
	readonly associationLagMs: number;
	/** How long a read may not know of what was made. */
	readonly readLagMs: number;
}

/** What was asked for, and what comes of it. */
export interface SesCall {
	readonly operation: string;
	readonly input: Readonly<Record<string, string>>;
	run(): Promise<HttpAnswer>;
}

/** Amazon SES of one account and region, and STS, in memory: the sandbox's own, on a simulated clock. */
export class SesModel {
	readonly region: SesRegion;
	/** The API in the provider has none. */
	readonly useCases: readonly { readonly setupId: string }[] = [];
	readonly #services: { readonly ses: HttpService; readonly sts: HttpService };

	constructor(private readonly options: SesModelOptions) {
		const { clock, random, resolver, associationLagMs, readLagMs } = options;
		const accounts = new Accounts();
		const ses: Ses = createSes({
			accounts,
			clock,
			resolver,
			rules: { requestsPerSecond: 1, associationLagMs, readLagMs },
			random: (size) => Buffer.from(Array.from({ length: size }, () => random.integer(0, 255))),
		});
		this.region = ses.region(account, region);
		// Requests are signed with the machine's time, which STS compares with its own.
		this.#services = { ses: ses.service, sts: stsService({ accounts, clock: systemClock }) };
	}

	call({
		method,
		url,
		headers,
		body = "",
	}: Pick<HttpRequest, "method" | "url" | "headers" | "body">): SesCall {
		const service = url.hostname.startsWith("sts.") ? this.#services.sts : this.#services.ses;
		const { operation, input, run } = service.route(
			{
				method,
				target: `${url.pathname}${url.search}`,
				path: url.pathname,
				query: url.searchParams,
				headers: Object.fromEntries(
					Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
				),
				body,
			},
			"",
		);
		return { operation, input: input as SesCall["input"], run: async () => answerOf(service, run) };
	}

	/** What stands with the id of a setup, whole or not. */
	get setups(): KnownSetup[] {
		return setupsIn(this.region).map((parts) => this.#known(parts));
	}

	/** Those that are whole. */
	get visible(): KnownSetup[] {
		return setupsIn(this.region).flatMap((parts) => (parts.isWhole ? [this.#known(parts)] : []));
	}

	/** Which resource makes a setup. */
	markOf(id: string): string | undefined {
		return this.#parts(id)?.mark;
	}

	remove({ id }: KnownSetup): void {
		const parts = this.#parts(id);
		if (parts) deleteIn(this.region, parts);
	}

	/** The whole setup that a call takes apart. */
	takenApartBy({ operation, input: { TenantName, ResourceArn } }: SesCall): KnownSetup | undefined {
		if (operation === "UntagResource")
			return this.visible.find(({ domain }) => this.region.identities.get(domain)?.arn === ResourceArn);
		if (!["DeleteTenant", "DeleteTenantResourceAssociation"].includes(operation)) return undefined;
		return this.visible.find(({ tenantName }) => tenantName === TenantName);
	}

	#parts(id: string): SetupParts | undefined {
		return setupsIn(this.region).find((each) => each.id === id);
	}

	#known({ id, tenant, identity, workspaceId = "" }: SetupParts): KnownSetup {
		return {
			...{ id, workspaceId },
			tenantName: tenant?.name ?? "",
			domain: identity?.name ?? "",
			state: "active",
			records: identity ? recordsIn(this.region, identity, this.options.dmarcPolicy) : [],
		};
	}
}

async function answerOf(
	service: HttpService,
	run: ReturnType<HttpService["route"]>["run"],
): Promise<HttpAnswer> {
	const answer = await (async () => await run())().catch((error: unknown) => {
		if (error instanceof ServiceError) return service.renderError(error, "");
		throw error;
	});
	if (answer === dropped) throw new Error("nobody drops anything here");
	const { status, headers = {}, body = "" } = answer;
	const text = typeof body === "string" ? body : Buffer.from(body).toString();
	return { status, headers: headers as HttpAnswer["headers"], body: text };
}
