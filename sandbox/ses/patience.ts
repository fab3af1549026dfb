/**
 * SES gives up on records that do not appear within 72 hours: those of DKIM (API reference,
 * PutEmailIdentityDkimSigningAttributes, DkimTokens) and the MX record of a MAIL FROM domain (developer guide, "Using a
 * custom MAIL FROM domain"). It looks again only once they are set up anew: "retry the set-up process", its mail says
 * (github.com/StormSurgeLive/asgs/issues/537).
 */
export const patienceMs = 72 * 60 * 60 * 1000;
