import {
	Deadline,
	isOfMailFrom,
	mailFromDomain,
	mailFromOf,
	mailFromProblem,
	mailFromRecords,
	type Ses,
	standingOf,
} from "pulumi-channels/ses";
import type { Setup, SetupStore } from "./database/setups.js";
import { ServiceError } from "./error-codes.js";
import { type CommandWorld, openSetups } from "./open-setups.js";
import { parseLabel, type ServiceConfig } from "./operations/config.js";

export interface MailFromOptions {
	/** The setup's id. */
	readonly setup: string;
	/** Default: the setup's own, or that of new setups. */
	readonly label?: string;
	/** Takes it away instead. */
	readonly remove?: boolean;
}

/** How long one call of SES may take, its turn and repetitions included. */
const callMs = 60_000;
const deadline = () => new Deadline(callMs, { isUrgent: false });

/**
 * Gives a setup a MAIL FROM domain, another one, or none. It may be repeated, wherever it was interrupted: SES comes first,
 * so a setup that has no label yet asks for no records.
 * @returns a line for a person
 * @throws ServiceError
 */
export async function setMailFrom(
	config: ServiceConfig,
	{ setup: id, label: given, remove = false }: MailFromOptions,
	world: CommandWorld,
): Promise<string> {
	const chosen = given === undefined ? undefined : readLabel(given);
	await using opened = await openSetups(config, world);
	const { setups, upstream } = opened;
	const setup = await activeSetup(setups, id.toLowerCase());
	const label = remove ? null : (chosen ?? setup.mailFrom ?? config.mailFrom);
	if (label === undefined)
		throw new ServiceError(
			"option-invalid",
			"Which MAIL FROM domain is it to have? Give its label with --label, such as bounce, or set CHANNELS_API_MAIL_FROM.",
		);
	const problem = label === null ? undefined : mailFromProblem(label, setup.domain);
	if (problem !== undefined) throw refused(`${problem}.`);
	const wanted = label === null ? undefined : mailFromDomain(label, setup.domain);
	if (await isToChange(upstream, setup, wanted)) {
		using until = deadline();
		await upstream.setMailFrom(setup.domain, wanted === undefined ? undefined : { domain: wanted }, until);
	}
	await keep(setups, setup, label, upstream.region);
	if (wanted === undefined)
		return `${setup.domain} has no MAIL FROM domain of its own. Its setup asks for no records of one: \`pulumi refresh\` and \`pulumi up\` take them away.`;
	return `${setup.domain} has the MAIL FROM domain ${wanted}. Its setup asks for two records there, MX and TXT: \`pulumi refresh\` and \`pulumi up\` publish them.`;
}

function readLabel(text: string): string {
	try {
		return parseLabel(text);
	} catch (error) {
		const why = error instanceof Error ? error.message : String(error);
		throw new ServiceError("option-invalid", `--label is wrong: ${why}`);
	}
}

async function activeSetup(setups: SetupStore, id: string): Promise<Setup> {
	const setup = await setups.byId(id);
	if (setup?.state !== "active") throw refused(`There is no active setup ${id}.`);
	return setup;
}

/**
 * Whether SES has another MAIL FROM domain of the setup than the wanted one, or has given that up. What others have set
 * there is left alone.
 * @throws ServiceError where that, or the identity, is not the setup's
 */
async function isToChange(upstream: Ses, setup: Setup, wanted: string | undefined): Promise<boolean> {
	using until = deadline();
	const identity = await upstream.identity(setup.domain, until);
	const standing = standingOf(identity, setup);
	if (standing === "missing" || standing === "foreign")
		throw refused(
			`The identity of ${setup.domain} is gone from SES, or another's. Delete the setup, and create it anew.`,
		);
	const stands = identity?.mailFrom?.domain;
	if (stands === wanted) return identity?.mailFrom?.status === "FAILED";
	if (stands !== undefined && stands !== mailFromOf(setup))
		throw refused(
			`${setup.domain} already has the MAIL FROM domain ${stands} in SES, which the service did not set. To go on with it, give its own label. To be rid of it: aws sesv2 put-email-identity-mail-from-attributes --email-identity ${setup.domain}`,
		);
	return true;
}

/** The records of another MAIL FROM domain take the places of the former one's, at the end. */
async function keep(setups: SetupStore, setup: Setup, label: string | null, region: string): Promise<void> {
	if (label === setup.mailFrom) return;
	const added = label === null ? [] : mailFromRecords(mailFromDomain(label, setup.domain), region);
	const kept = await setups.setMailFrom(setup.id, label, (standing) => [
		...standing.filter((record) => !isOfMailFrom(setup, record)),
		...added,
	]);
	if (kept === undefined) throw refused(`Setup ${setup.id} is being deleted.`);
}

const refused = (why: string) => new ServiceError("mail-from-refused", why);
