import { sameName } from "../../dns/index.js";
import { ServiceError } from "../../sandbox/errors.js";
import {
	dropped,
	type HttpRequest,
	type HttpResponse,
	type HttpService,
	listen,
} from "../../sandbox/http.js";
import {
	defaultAccount,
	Faults,
	RequestLog,
	type Sandbox,
	startSandbox,
	systemClock,
} from "../../sandbox/index.js";
import { passOn } from "../../sandbox/proxy.js";
import { renderError, understand } from "../../sandbox/ses/protocol.js";
import { Hands } from "../support/hands.js";
import type { Upstream } from "../support/upstream.js";
import { startMinistack } from "./server.js";

export interface MinistackUpstream extends Upstream {
	/** ministack itself, without the proxy: its Route 53, too. */
	readonly url: string;
	/** Whose DNS it is. */
	readonly sandbox: Sandbox;
}

/**
 * ministack's SES, with a proxy before it that makes faults and logs, and a sandbox's DNS beside it. The proxy also
 * mends where ministack differs from AWS in what the service stands on: see {@link mended}.
 */
export async function startMinistackUpstream(): Promise<MinistackUpstream> {
	await using undo = new AsyncDisposableStack();
	const ministack = undo.use(await startMinistack());
	const sandbox = await startSandbox();
	undo.defer(() => sandbox.close());
	const log = new RequestLog();
	const faults = new Faults();
	const mailFroms: MailFroms = new Map();
	const proxy = await listen(mended(new URL(ministack.url), sandbox.dns, mailFroms), {
		clock: systemClock,
		log,
		faults,
	});
	undo.defer(() => proxy.close());
	const hands = undo.adopt(new Hands(ministack.url), (each) => each.close());
	const running = undo.move();
	return {
		url: ministack.url,
		sandbox,
		ses: {
			url: proxy.url,
			tenants: () => hands.tenants(),
			identities: async () =>
				(await hands.identities()).map((each) => ({ ...each, mailFrom: mailFroms.get(each.name) })),
		},
		dns: sandbox.dns,
		log,
		faults,
		hands,
		close: () => running.disposeAsync(),
	};
}

type Answer = HttpResponse | typeof dropped;

/** By the identity's name. */
type MailFroms = Map<string, { domain: string }>;

/** Where SES looks for DKIM records. */
interface Dns {
	cname(name: string): Promise<{ targets: string[] } | { failure: string }>;
}

/**
 * SESv2 that passes everything on but for answers in which ministack would have service and provider prove nothing:
 *
 * - A second CreateEmailIdentity is refused. ministack replaces the first identity, its tags included; AWS answers
 *   AlreadyExistsException (API reference, CreateEmailIdentity, errors; github.com/anomalyco/sst/issues/4556).
 * - GetEmailIdentity tells of DKIM as it stands in the DNS. ministack's is pending for ever; SES verifies a domain once
 *   it finds the records (API reference, CreateEmailIdentity).
 * - It says that mail is signed by SES's own keys, which ministack denies (API reference, DkimAttributes, SigningEnabled).
 * - It tells the tags that TagResource gave the identity, too, as AWS does.
 * - PutEmailIdentityMailFromAttributes, which ministack does not know, is done while there is such an identity, and
 *   GetEmailIdentity tells of it.
 */
function mended(target: URL, dns: Dns, mailFroms: MailFroms): HttpService {
	/** One create at a time, so that none comes between the look and the create of another. */
	let creating: Promise<unknown> = Promise.resolve();

	async function create(request: HttpRequest, domain: string): Promise<Answer> {
		const path = `/v2/email/identities/${encodeURIComponent(domain)}`;
		const standing = await passOn({ ...request, method: "GET", target: path, path, body: "" }, target);
		if (standing !== dropped && standing.status === 200)
			throw new ServiceError(400, "AlreadyExistsException", `Email identity ${domain} already exist.`);
		mailFroms.delete(domain);
		return passOn(request, target);
	}

	async function setMailFrom(request: HttpRequest, domain: string, mailFrom: unknown): Promise<Answer> {
		const path = `/v2/email/identities/${encodeURIComponent(domain)}`;
		const standing = await passOn({ ...request, method: "GET", target: path, path, body: "" }, target);
		if (standing === dropped || standing.status !== 200)
			throw new ServiceError(400, "BadRequestException", `Identity <${domain}> does not exist.`);
		if (mailFrom) mailFroms.set(domain, { domain: String(mailFrom) });
		else mailFroms.delete(domain);
		return { status: 200, headers: { "content-type": "application/json" }, body: "{}" };
	}

	async function get(request: HttpRequest, domain: string): Promise<Answer> {
		const answer = await passOn(request, target);
		if (answer === dropped || answer.status !== 200) return answer;
		const identity = JSON.parse(Buffer.from(answer.body ?? "").toString()) as {
			DkimAttributes: { Tokens: string[]; Status: string; SigningEnabled: boolean };
			MailFromAttributes: unknown;
			Tags: unknown;
		};
		const published = await Promise.all(
			identity.DkimAttributes.Tokens.map(async (token) => {
				const found = await dns.cname(`${token}._domainkey.${domain}`);
				const isIt = (host: string) => sameName(host, `${token}.dkim.amazonses.com`);
				return "targets" in found && found.targets.some(isIt);
			}),
		);
		if (published.length === 3 && !published.includes(false)) identity.DkimAttributes.Status = "SUCCESS";
		identity.DkimAttributes.SigningEnabled = published.length === 3;
		identity.Tags = await tagsOf(request, domain);
		const mailFrom = mailFroms.get(domain);
		if (mailFrom)
			identity.MailFromAttributes = {
				MailFromDomain: mailFrom.domain,
				MailFromDomainStatus: "PENDING",
				BehaviorOnMxFailure: "USE_DEFAULT_VALUE",
			};
		const { "content-length": _, ...headers } = answer.headers ?? {};
		return { ...answer, headers, body: JSON.stringify(identity) };
	}

	async function tagsOf(request: HttpRequest, domain: string): Promise<unknown> {
		const path = "/v2/email/tags";
		const arn = encodeURIComponent(`arn:aws:ses:us-east-1:${defaultAccount.id}:identity/${domain}`);
		const answer = await passOn({ ...request, target: `${path}?ResourceArn=${arn}`, path }, target);
		if (answer === dropped) throw new Error(`ministack does not tell the tags of ${domain}`);
		return (JSON.parse(Buffer.from(answer.body ?? "").toString()) as { Tags: unknown }).Tags;
	}

	return {
		name: "sesv2",
		route(request) {
			const { operation, input } = understand(request);
			const domain = String(input.EmailIdentity);
			return {
				operation,
				input,
				run() {
					if (operation === "GetEmailIdentity") return get(request, domain);
					if (operation === "PutEmailIdentityMailFromAttributes")
						return setMailFrom(request, domain, input.MailFromDomain);
					if (operation !== "CreateEmailIdentity") return passOn(request, target);
					const created = creating.then(() => create(request, domain));
					creating = created.catch(() => undefined);
					return created;
				},
			};
		},
		renderError: (error, requestId) => renderError(error, requestId, systemClock),
	};
}
