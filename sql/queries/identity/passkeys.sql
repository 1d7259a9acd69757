-- name: passkey_handle(user)
-- What authenticators call the user.
SELECT passkey_handle(:user);

-- name: passkey_credentials(user)
-- The passkeys of the user as browsers are told of them.
SELECT credential_id, transports FROM passkeys WHERE user_id = :user ORDER BY id;

-- name: passkey_by_credential(credential)
-- What is needed to verify what a passkey has signed, and whose it is.
SELECT p.id, p.user_id, p.public_key, h.handle
FROM passkeys p JOIN passkey_holders h USING (user_id)
WHERE p.credential_id = :credential;

-- name: passkey_add(user, credential, public_key, sign_count, synced, transports, name, session, amr, hashes)
-- Enrols a passkey: it, and whether `hashes` are now the recovery codes.
SELECT passkey::text, kept
FROM add_passkey(:user, :credential, :public_key, :sign_count, :synced, :transports, :name, :session, :amr, :hashes);

-- name: passkey_use(passkey, sign_count, synced)
-- Records a use; false if the passkey has said this count, or a later one, before.
SELECT use_passkey(:passkey, :sign_count, :synced);

-- name: passkey_remove(user, passkey)
-- Removes a passkey; false if the user has none with this id.
SELECT remove_passkey(:user, :passkey);
