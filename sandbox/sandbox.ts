import { type Account, Accounts, defaultAccount, type Role } from "./accounts.js";
import { type Clock, systemClock } from "./clock.js";
import { Dns, type DnsOptions } from "./dns/index.js";
import { Registrar } from "./dns/registrar.js";
import { Faults } from "./faults.js";
import { type Core, type HttpService, listen } from "./http.js";
import { RequestLog } from "./requests.js";
import { Route53Control } from "./route53/control.js";
import { route53Service } from "./route53/service.js";
import { HostedZones } from "./route53/zones.js";
import { createSes, type Ses, type SesOptions } from "./ses/index.js";
import { stsService } from "./sts/service.js";

export interface SandboxOptions {
	/** AWS region named in {@link Sandbox.env}. Default `us-east-1`. */
	readonly region?: string;
	/** Accounts beside {@link defaultAccount}. */
	readonly accounts?: readonly Account[];
	/** Roles that AssumeRole gives. */
	readonly roles?: readonly Role[];
	readonly route53?: {
		/** Milliseconds from a change to INSYNC. Default 200. */
		readonly insyncMs?: number;
		/** Requests a second and account; the real limit is 5. Default: none. */
		readonly requestsPerSecond?: number;
		/** Milliseconds a change is worked on, during which others of its zone get PriorRequestNotComplete. Default 0. */
		readonly changeMs?: number;
	};
	readonly dns?: DnsOptions;
	readonly ses?: SesOptions["limits"];
	/** Ports of the HTTP services; free ones by default. */
	readonly ports?: { readonly route53?: number; readonly ses?: number; readonly sts?: number };
	readonly clock?: Clock;
}

/** SESv2, Route 53, STS and DNS on loopback. */
export interface Sandbox {
	readonly route53: Route53Control & {
		readonly url: string;
		/** In-process access to the service itself. */
		readonly service: HttpService;
		/** Changes from now on take so many milliseconds to INSYNC. */
		setInsync(ms: number): void;
	};
	readonly ses: Ses & { readonly url: string };
	readonly sts: { readonly url: string; readonly service: HttpService };
	readonly dns: Dns;
	readonly accounts: Accounts;
	readonly log: RequestLog;
	readonly faults: Faults;
	/** The environment that makes AWS SDK clients and this package talk to the sandbox, as an account of it. */
	env(account?: Account): Record<string, string>;
	close(): Promise<void>;
}

/** Starts every server of the sandbox on 127.0.0.1. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
	const clock = options.clock ?? systemClock;
	const core: Core = { clock, log: new RequestLog(), faults: new Faults() };
	const accounts = new Accounts(options.accounts, options.roles);
	let insyncMs = options.route53?.insyncMs ?? 200;

	const registrar = new Registrar();
	const zones = new HostedZones(clock, () => insyncMs, registrar);
	const dns = await Dns.start(core, zones, registrar, options.dns);
	const ses = createSes({
		accounts,
		clock,
		lookup: (name) => dns.cname(name),
		...(options.ses ? { limits: options.ses } : {}),
	});
	const services = {
		route53: route53Service({
			zones,
			accounts,
			clock,
			requestsPerSecond: options.route53?.requestsPerSecond,
			changeTakes: () => options.route53?.changeMs ?? 0,
		}),
		ses: ses.service,
		sts: stsService({ accounts, clock }),
	};
	const route53 = await listen(services.route53, core, options.ports?.route53);
	const sesListener = await listen(services.ses, core, options.ports?.ses);
	const sts = await listen(services.sts, core, options.ports?.sts);

	return {
		route53: Object.assign(new Route53Control(zones), {
			url: route53.url,
			service: services.route53,
			setInsync(ms: number) {
				insyncMs = ms;
			},
		}),
		ses: { ...ses, url: sesListener.url },
		sts: { url: sts.url, service: services.sts },
		dns,
		accounts,
		log: core.log,
		faults: core.faults,
		env: (account = defaultAccount) => ({
			AWS_ENDPOINT_URL_ROUTE_53: route53.url,
			AWS_ENDPOINT_URL_SESV2: sesListener.url,
			AWS_ENDPOINT_URL_STS: sts.url,
			AWS_REGION: options.region ?? "us-east-1",
			AWS_ACCESS_KEY_ID: account.accessKeyId,
			AWS_SECRET_ACCESS_KEY: account.secretAccessKey,
			AWS_EC2_METADATA_DISABLED: "true",
			CHANNELS_DNS_SERVERS: dns.authoritative,
		}),
		async close() {
			await Promise.all([route53.close(), sesListener.close(), sts.close(), dns.close()]);
		},
	};
}
