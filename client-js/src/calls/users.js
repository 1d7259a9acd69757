/** People, and the account of the one who is signed in: devices, ways in, second factors and tokens. */

import { act, list, read, write } from "./call.js";

export const users = {
  list: list("GET /users"),
  me: read("GET /auth/me"),
  updateMe: write("PATCH /users/me"),
  changePassword: write("POST /users/me/password"),
  deactivateMe: write("POST /users/me/deactivate"),
  presence: list("GET /presence"),
  choosePresence: write("PUT /users/me/presence"),
  setStatus: write("PUT /users/me/status"),
  reportActivity: write("PUT /users/me/activity"),
};

export const account = {
  signUp: write("POST /auth/signup"),
  signIn: write("POST /auth/signin"),
  signInAtDirectory: write("POST /auth/ldap/{directory}/sign-in"),
  linkDirectory: write("POST /auth/ldap/{directory}/link"),
  refresh: write("POST /auth/refresh"),
  logOut: act("POST /auth/logout"),
  logOutEverywhere: act("POST /auth/logout-all"),
  reauthenticate: write("POST /auth/reauthenticate"),
  passkeyToReauthenticate: act("POST /auth/reauthenticate/passkey"),
  addTicket: act("POST /auth/tickets"),
  forgetPassword: write("POST /auth/password/forgotten"),
  resetPassword: write("POST /auth/reset"),
  sendVerification: act("POST /auth/address/verification"),
  lookAtAddressLink: write("POST /auth/address/link"),
  confirmAddress: write("POST /auth/address/confirm"),
  refuseAddress: write("POST /auth/address/refuse"),
  completeSignIn: write("POST /auth/second-factor"),
  passkeyForSecondFactor: write("POST /auth/second-factor/passkey"),
  enrolTotpAtSignIn: write("POST /auth/second-factor/totp"),
  newPasskeyAtSignIn: write("POST /auth/second-factor/new-passkey"),
  passkeyOptions: act("POST /auth/passkeys/sign-in/options"),
  signInByPasskey: write("POST /auth/passkeys/sign-in"),
  providers: read("GET /auth/providers"),
  beginProviderSession: write("POST /auth/provider-session"),
  providerLogout: read("GET /auth/provider-logout"),
  linkOidc: act("POST /auth/oidc/{provider}/link"),
  reauthenticateByOidc: act("POST /auth/oidc/{provider}/reauthenticate"),
  linkSaml: act("POST /auth/saml/{provider}/link"),
  exchangeClerk: write("POST /auth/clerk/session"),
  linkClerk: write("POST /auth/clerk/link"),
};

export const devices = {
  list: list("GET /auth/sessions"),
  end: act("DELETE /auth/sessions/{session_id}"),
  identities: list("GET /auth/identities"),
  unlink: act("DELETE /auth/identities/{identity_id}"),
};

export const factors = {
  get: read("GET /auth/factors"),
  beginTotp: act("POST /auth/factors/totp"),
  removeTotp: act("DELETE /auth/factors/totp"),
  confirmTotp: write("POST /auth/factors/totp/confirm"),
  renewRecoveryCodes: act("POST /auth/factors/recovery-codes"),
  passkeyOptions: act("POST /auth/factors/passkeys/options"),
  addPasskey: write("POST /auth/factors/passkeys"),
  removePasskey: act("DELETE /auth/factors/passkeys/{passkey_id}"),
};

export const tokens = {
  list: list("GET /auth/tokens"),
  create: write("POST /auth/tokens"),
  end: act("DELETE /auth/tokens/{token_id}"),
};
