/** Why names cannot be registered, as a person at the terminal reads it. */
import type { FoundIdentity, FoundTenant } from "../../../../ses/index.js";
import { lines, UserError } from "../../errors.js";
import { SetupExistsError, toManageItHere } from "../exists.js";
import { homeInWords } from "../place.js";
import type { Home, Names } from "../setup.js";
import type { Look, Standing } from "./standing.js";

/** @returns undefined where nothing is in the way. */
export function refusalOf(
	standing: Standing,
	{ identity, holders }: Pick<Look, "identity" | "holders">,
	names: Names,
	home: Home,
	{ adopt }: { adopt: boolean },
): UserError | undefined {
	const { tenant, domain } = names;
	const where = homeInWords(home);
	switch (standing.kind) {
		case "free":
			return undefined;
		case "whole":
			return standing.workspaceId === home.workspaceId
				? new SetupExistsError(
						"setup-exists",
						lines(
							`${where} has this setup already: ${standing.id} (tenant ${tenant}, domain ${domain}).`,
							toManageItHere,
						),
						standing.id,
						undefined,
					)
				: new UserError(
						"names-taken",
						`${where} has tenant ${tenant} and domain ${domain} as setup ${standing.id} of workspace ${standing.workspaceId}, ` +
							`and this is workspace ${home.workspaceId}. To manage it here, set channels:workspaceId to that; otherwise ` +
							"choose other names.",
					);
		case "half":
			return standing.isOurs ? undefined : beingMade(standing, identity, names, where);
		case "identity of others":
			if (!adopt) return identityOfOthers(domain, where);
			return identity && adoptionRefusal(identity, holders, domain);
		case "tenant of others":
			return new UserError(
				"exists-upstream",
				`Tenant ${tenant} stands in ${where}, and was made by another tool or by hand. Choose another tenantName. ` +
					`If nothing uses it any more, delete it: aws sesv2 delete-tenant --tenant-name ${tenant}`,
			);
		case "taken":
			return new UserError(
				"names-taken",
				`${where} has ${standing.what === "tenant" ? `tenant ${tenant}` : `domain ${domain}`} in another setup: ` +
					`${standing.id} (tenant ${standing.by.tenant}, domain ${standing.by.domain}). Choose another ` +
					`${standing.what === "tenant" ? "tenantName" : "domainIdentity"}, or delete that setup.`,
			);
	}
}

function beingMade(
	{ id, since }: Standing & { kind: "half" },
	identity: FoundIdentity | undefined,
	{ tenant, domain }: Names,
	where: string,
): UserError {
	// What stood before it is not its own.
	const isItsIdentity = identity?.owner === id && !identity.adopted;
	const began = since ? `, since ${since.toISOString()}` : "";
	return new UserError(
		"names-busy",
		lines(
			`Setup ${id} of tenant ${tenant} and domain ${domain} is being made in ${where} by another stack${began}, or was left ` +
				"half-made by one that was interrupted.",
			"If a run is making it, wait for its end. If one was interrupted, the next `pulumi up` of that stack finishes it. If that " +
				"stack is gone, delete what it left: " +
				(isItsIdentity ? `aws sesv2 delete-email-identity --email-identity ${domain}; ` : "") +
				`aws sesv2 delete-tenant --tenant-name ${tenant}`,
		),
	);
}

/** Names that are made and removed by others all the time that a create has. */
export const othersAreFaster = ({ tenant, domain }: Names): UserError =>
	new UserError(
		"names-busy",
		`Others are making or removing tenant ${tenant} or domain ${domain} in Amazon SES at this moment. Run \`pulumi up\` again.`,
	);

const identityOfOthers = (domain: string, where: string): UserError =>
	new UserError(
		"exists-upstream",
		lines(
			`Domain ${domain} stands in ${where} already, and was made by another tool or by hand (the console, SST, CDK, Terraform).`,
			"To take it in as it is, set `adoptExisting: true`: its DKIM keys, its MAIL FROM domain and its configuration set stay as " +
				"they are, and `pulumi destroy` leaves it as it was. If nothing uses it any more, delete it: " +
				`aws sesv2 delete-email-identity --email-identity ${domain}`,
		),
	);

/** Why an identity that other hands have made cannot be taken in. */
function adoptionRefusal(
	{ dkim: { status, tokens, origin, signingEnabled } }: FoundIdentity,
	holders: readonly FoundTenant[],
	domain: string,
): UserError | undefined {
	const ofSetup = holders.find(({ owner }) => owner !== undefined);
	if (ofSetup)
		return new UserError(
			"names-taken",
			`Domain ${domain} is in tenant ${ofSetup.name} of setup ${ofSetup.owner}, so it is not taken in here. Delete that setup ` +
				"first, or leave the domain to it.",
		);
	const command = (name: string, options: string) =>
		`aws sesv2 ${name} --email-identity ${domain} ${options}`;
	// Of keys of the owner's SES may tell no selector.
	const hasKeys = origin === "EXTERNAL" || tokens.length > 0;
	if (!hasKeys || status === undefined || status === "NOT_STARTED")
		return new UserError(
			"identity-without-dkim",
			`Domain ${domain} has no DKIM keys in Amazon SES, so it is not taken in. Set them up, then run \`pulumi up\` again: ` +
				command("put-email-identity-dkim-signing-attributes", "--signing-attributes-origin AWS_SES"),
		);
	if (!signingEnabled)
		return new UserError(
			"identity-without-dkim",
			`DKIM signing of domain ${domain} is turned off in Amazon SES, so it is not taken in. Turn it on, then run ` +
				`\`pulumi up\` again: ${command("put-email-identity-dkim-attributes", "--signing-enabled")}`,
		);
	return undefined;
}
