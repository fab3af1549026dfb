/** What keeps verified domains from sending all the same, and what becomes of their MAIL FROM domains. Pure. */
import type { SendingObstacle } from "../../sdk/index.js";
import { wrapped } from "../wrapped.js";
import type { Examination } from "./examine.js";
import { minute } from "./minute.js";

/** As the API tells it; the vendor's has no word for it. */
export const obstaclesOf = ({ view, isApart, checkedAt }: Examination): SendingObstacle[] => [
	...(isApart ? [{ code: "domain-out-of-tenant", reason: outOfTenant, asked_at: checkedAt ?? "" }] : []),
	...(view?.obstacles ?? []),
];

const outOfTenant =
	"The domain is not in the setup's tenant in Amazon SES, so SES does not send from it for that tenant. `pulumi refresh`, then " +
	"`pulumi up`, puts it back.";

/** A section about sending, each sentence once with the domains that it is about; none where nothing is to be said. */
export function sendingLines(examinations: readonly Examination[]): string[] {
	const said = new Map<string, string[]>();
	for (const examination of examinations)
		for (const text of textsOf(examination)) said.set(text, [...(said.get(text) ?? []), examination.domain]);
	if (said.size === 0) return [];
	return [
		"  Sending",
		...[...said].flatMap(([text, domains], index) => {
			const about = examinations.length > 1 ? `${domains.join(", ")}: ` : "";
			return wrapped(`${about}${text}`, `  ${index + 1}. `);
		}),
	];
}

function textsOf(examination: Examination): string[] {
	const mailFrom = examination.view?.ses.mail_from_reason;
	return [
		...obstaclesOf(examination).map(
			({ code, reason, asked_at }) => `${reason} (SES, ${minute(asked_at)}) [${code}]`,
		),
		...(mailFrom ? [`MAIL FROM: ${mailFrom}`] : []),
	];
}
