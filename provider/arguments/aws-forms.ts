/** What AWS's own names look like, for arguments and configuration alike. */
export interface Form {
	expression: RegExp;
	/** Completes "must be …". */
	form: string;
}

export const awsForms = {
	hostedZoneId: {
		expression: /^(\/hostedzone\/)?[A-Z0-9]{1,32}$/,
		form: 'a hosted zone id such as "Z0123456789ABC"',
	},
	region: { expression: /^[a-z]{2,4}(-[a-z]+)+-\d+$/, form: 'an AWS region such as "us-east-1"' },
	roleArn: {
		expression: /^arn:aws[a-z-]*:iam::\d{12}:role\/\S+$/,
		form: 'a role such as "arn:aws:iam::123456789012:role/dns"',
	},
	/** STS API reference, AssumeRole. */
	externalId: {
		expression: /^[\w+=,.@:/-]{2,1224}$/,
		form: "2 to 1,224 of letters, digits and +=,.@:/-",
	},
} satisfies Record<string, Form>;

/** What is wrong with a text, in words that follow its name; undefined if nothing is. */
export const formProblem = ({ expression, form }: Form, text: string): string | undefined =>
	expression.test(text) ? undefined : `must be ${form}, not ${JSON.stringify(text)}`;
