import { randomBytes } from "node:crypto";
import type { Accounts } from "../accounts.js";
import { ServiceError } from "../errors.js";
import type { HttpService } from "../http.js";
import type { Clock } from "../server-clock.js";
import { refuseSkewed } from "../signature-date.js";
import { Throttle } from "../throttle.js";
import { headers, renderError, understand } from "./protocol.js";
import { ReadLag } from "./read-lag.js";
import { operations, type SesResolver } from "./ses-operations.js";
import { type Identity, SesRegion, type SesRules, type Tenant } from "./state.js";

export interface SesOptions {
	readonly accounts: Accounts;
	readonly clock: Clock;
	/** The resolver SES asks for DKIM records, and for the MX records of MAIL FROM domains. */
	readonly resolver: SesResolver;
	readonly rules?: Partial<SesRules>;
	/** What ids and DKIM selectors are made of. Default: chance. */
	readonly random?: (size: number) => Buffer;
}

/** SESv2 (REST-JSON) for every account and region, and a view into it for tests. */
export interface Ses {
	readonly service: HttpService;
	/** What one account holds in one region, to look at and to edit by hand. */
	region(account: string, region: string): SesRegion;
	/** All tenants, of every account and region. */
	tenants(): Tenant[];
	/** All identities, of every account and region. */
	identities(): Identity[];
}

const defaultRules: SesRules = {
	tenants: 10_000,
	identities: 10_000,
	associationLagMs: 0,
	readLagMs: 0,
	namesHostedZone: true,
};

export function createSes({ accounts, clock, resolver, rules, random = randomBytes }: SesOptions): Ses {
	const throttle = new Throttle(
		clock,
		rules?.requestsPerSecond,
		() => new ServiceError(429, "TooManyRequestsException", "Rate exceeded"),
	);
	const inForce = { ...defaultRules, ...rules };
	const regions = new Map<string, { readonly newest: SesRegion; readonly lag: ReadLag }>();
	const region = (account: string, name: string) => {
		const key = `${account} ${name}`;
		const known = regions.get(key);
		if (known) return known;
		const newest = new SesRegion(account, name, inForce, clock, random);
		const made = { newest, lag: new ReadLag(newest, inForce.readLagMs, clock) };
		regions.set(key, made);
		return made;
	};

	return {
		region: (account, name) => region(account, name).newest,
		tenants: () => [...regions.values()].flatMap(({ newest }) => [...newest.tenants.values()]),
		identities: () => [...regions.values()].flatMap(({ newest }) => [...newest.identities.values()]),
		service: {
			name: "sesv2",

			route(request, requestId) {
				refuseSkewed(request.headers, clock);
				const caller = accounts.authenticate(request.headers, clock.now());
				const { operation, input } = understand(request);
				return {
					operation,
					input,
					account: caller.account,
					async run() {
						throttle.take(`${operation} ${caller.account} ${caller.region}`);
						let output: unknown;
						for (const ses of region(caller.account, caller.region).lag.statesFor(operation))
							output = await operations[operation](input, { ses, now: clock.now(), resolver });
						return { status: 200, headers: headers(requestId, clock), body: JSON.stringify(output) };
					},
				};
			},

			renderError: (error, requestId) => renderError(error, requestId, clock),
		},
	};
}
