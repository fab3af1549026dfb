import { type Account, Accounts, defaultAccount, type Role } from "./accounts.js";
import { Dns, type DnsOptions } from "./dns/index.js";
import { Registrar } from "./dns/registrar.js";
import { Faults } from "./faults.js";
import { type Core, type HttpService, listen } from "./http.js";
import { RequestLog } from "./requests.js";
import { Route53Control } from "./route53/control.js";
import { route53Service } from "./route53/service.js";
import { HostedZones } from "./route53/zones.js";
import { type Clock, systemClock } from "./server-clock.js";
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
		/** Milliseconds from a change to INSYNC. Default 50. */
		readonly insyncMs?: number;
		/** Requests a second and account; the real limit is 5. Default: none. */
		readonly requestsPerSecond?: number;
		/** Milliseconds a change is worked on, during which others of its zone get PriorRequestNotComplete. Default 0. */
		readonly changeMs?: number;
	};
	readonly dns?: DnsOptions;
	readonly ses?: SesOptions["rules"];
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
		/** In force for changes from now on; both as in the options. */
		readonly timing: { insyncMs: number; changeMs: number };
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
	const running: { close(): Promise<void> }[] = [];
	const close = async () => {
		await Promise.all(running.map((server) => server.close()));
	};
	try {
		return await start(options, running, close);
	} catch (error) {
		await close();
		throw error;
	}
}

async function start(
	options: SandboxOptions,
	running: { close(): Promise<void> }[],
	close: () => Promise<void>,
): Promise<Sandbox> {
	const clock = options.clock ?? systemClock;
	const core: Core = { clock, log: new RequestLog(), faults: new Faults() };
	const accounts = new Accounts(options.accounts, options.roles);
	const { region = "us-east-1" } = options;
	const { insyncMs = 50, changeMs = 0, requestsPerSecond } = options.route53 ?? {};
	const timing = { insyncMs, changeMs };

	const registrar = new Registrar();
	const zones = new HostedZones(clock, () => timing.insyncMs, registrar);
	const dns = new Dns(core, zones, registrar, options.dns);
	running.push(dns);
	await dns.start();

	const listening = async (service: HttpService, port?: number) => {
		const listener = await listen(service, core, port);
		running.push(listener);
		return { url: listener.url, service };
	};
	const ses = createSes({
		accounts,
		clock,
		resolver: dns,
		...(options.ses ? { rules: options.ses } : {}),
	});
	const route53 = await listening(
		route53Service({ zones, accounts, clock, requestsPerSecond, changeTakes: () => timing.changeMs }),
		options.ports?.route53,
	);
	const { url: sesUrl } = await listening(ses.service, options.ports?.ses);
	const sts = await listening(stsService({ accounts, clock }), options.ports?.sts);

	return {
		route53: Object.assign(new Route53Control(zones), route53, { timing }),
		ses: { ...ses, url: sesUrl },
		sts,
		dns,
		accounts,
		log: core.log,
		faults: core.faults,
		env: (account: Account = defaultAccount) => ({
			AWS_ENDPOINT_URL_ROUTE_53: route53.url,
			AWS_ENDPOINT_URL_SESV2: sesUrl,
			AWS_ENDPOINT_URL_STS: sts.url,
			AWS_REGION: region,
			// boto3 reads no other: https://github.com/boto/boto3/issues/3620
			AWS_DEFAULT_REGION: region,
			AWS_ACCESS_KEY_ID: account.accessKeyId,
			AWS_SECRET_ACCESS_KEY: account.secretAccessKey,
			AWS_EC2_METADATA_DISABLED: "true",
			CHANNELS_DNS_SERVERS: dns.authoritative,
		}),
		close,
	};
}
