//! Secrets: one-time tokens, their digests, and sealing at rest.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::Random;

/// What a one-time token is for; it is the token's prefix, so that a token found somewhere tells
/// what it opens and a token of one purpose is refused everywhere else (R15, R20).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenPurpose {
    /// An invitation to an organisation.
    Invitation,
    /// A password reset.
    Reset,
    /// The first set-up of an installation.
    SetUp,
    /// A session, a registration in progress, a known device or the owner of form drafts: lives in a cookie.
    Cookie,
}

impl TokenPurpose {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Invitation => "inv_",
            Self::Reset => "rst_",
            Self::SetUp => "set_",
            Self::Cookie => "ck_",
        }
    }
}

/// A token as it is handed out once: 32 random bytes behind its purpose. No `Debug`.
pub struct Token(Zeroizing<String>);

/// What is kept of a token.
pub type Digest32 = [u8; 32];

impl Token {
    /// Makes a new token.
    pub fn generate(purpose: TokenPurpose, random: &Random) -> Self {
        let bytes: Zeroizing<[u8; 32]> = Zeroizing::new(random.bytes());
        Self(Zeroizing::new(format!(
            "{}{}",
            purpose.prefix(),
            URL_SAFE_NO_PAD.encode(*bytes)
        )))
    }

    /// The text that goes into the link or the cookie.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What the database keeps.
    pub fn digest(&self) -> Digest32 {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// The digest of a presented token, when it has the shape of one for `purpose`.
    pub fn digest_of(presented: &str, purpose: TokenPurpose) -> Option<Digest32> {
        let body = presented.strip_prefix(purpose.prefix())?;
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(body).ok()?);
        (bytes.len() == 32).then(|| Sha256::digest(presented.as_bytes()).into())
    }
}

/// The keys of an installation, all derived from the key file (`LANYARD_KEY_FILE`). Nothing that
/// is sealed with them can be read from the database alone.
#[derive(Clone)]
pub struct Keys {
    sealing: Zeroizing<[u8; 32]>,
    digests: Zeroizing<[u8; 32]>,
}

/// A sealed value could not be opened: another key, another owner, or damaged.
#[derive(Debug, thiserror::Error)]
#[error("a sealed value could not be opened")]
pub struct SealBroken;

impl Keys {
    /// Derives the keys from the 32 bytes of the key file.
    pub fn derive(root: &[u8; 32]) -> Self {
        Self {
            sealing: Zeroizing::new(keyed(root, b"lanyard sealing v1")),
            digests: Zeroizing::new(keyed(root, b"lanyard digests v1")),
        }
    }

    /// A keyed digest, for values with too little randomness for a plain one: codes, addresses in
    /// throttle keys, recovery codes. `what` separates the uses.
    pub fn digest(&self, what: &str, value: &[u8]) -> Digest32 {
        let mut text = Vec::with_capacity(what.len() + 1 + value.len());
        text.extend_from_slice(what.as_bytes());
        text.push(0);
        text.extend_from_slice(value);
        keyed(&self.digests, &text)
    }

    /// Seals `secret` for `owner` (table, column and row): it opens only there.
    ///
    /// # Errors
    /// Never for secrets of this program's sizes; the cipher's limit is far above them.
    pub fn seal(&self, owner: &str, secret: &[u8], random: &Random) -> Result<Vec<u8>, SealBroken> {
        let nonce: [u8; 24] = random.bytes();
        let sealed = self
            .cipher()
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: secret,
                    aad: owner.as_bytes(),
                },
            )
            .map_err(|_| SealBroken)?;
        // The first byte names the key, so that keys can be changed one day.
        let mut out = vec![1];
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    /// Opens what [`Keys::seal`] made.
    ///
    /// # Errors
    /// When the value was not sealed with this key for this owner.
    pub fn open(&self, owner: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealBroken> {
        let (version, rest) = sealed.split_first().ok_or(SealBroken)?;
        if *version != 1 || rest.len() < 24 {
            return Err(SealBroken);
        }
        let (nonce, body) = rest.split_at(24);
        let nonce: [u8; 24] = nonce.try_into().map_err(|_| SealBroken)?;
        self.cipher()
            .decrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: body,
                    aad: owner.as_bytes(),
                },
            )
            .map(Zeroizing::new)
            .map_err(|_| SealBroken)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&(*self.sealing).into())
    }
}

fn keyed(key: &[u8; 32], text: &[u8]) -> [u8; 32] {
    // HMAC fills a shorter key up with zeros to its block; doing it here cannot fail.
    let mut block = [0_u8; 64];
    block[..32].copy_from_slice(key);
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new(&block.into());
    mac.update(text);
    mac.finalize().into_bytes().into()
}

/// A random token of the plain digest kind is compared by looking its digest up; where two values
/// must be compared, this does it in constant time (R62).
pub fn same(a: &[u8], b: &[u8]) -> bool {
    subtle::ConstantTimeEq::ct_eq(a, b).into()
}

#[cfg(test)]
mod tests {
    use super::{Keys, Token, TokenPurpose};
    use crate::Random;

    /// R15: 32 random bytes behind a prefix; only the digest can be kept.
    #[test]
    fn a_token_is_32_bytes_and_of_one_purpose() {
        let random = Random::from_seed([7; 32]);
        let token = Token::generate(TokenPurpose::Invitation, &random);
        assert!(token.expose().starts_with("inv_"));
        assert_eq!(token.expose().len(), 4 + 43);
        assert_eq!(
            Token::digest_of(token.expose(), TokenPurpose::Invitation),
            Some(token.digest())
        );
        // R20: a token of one purpose is no token of another.
        assert_eq!(Token::digest_of(token.expose(), TokenPurpose::Reset), None);
        assert_eq!(Token::digest_of("inv_", TokenPurpose::Invitation), None);
        assert_eq!(Token::digest_of("", TokenPurpose::Invitation), None);
    }

    /// R41: a sealed value opens only with its key and for its owner.
    #[test]
    fn a_sealed_value_is_bound_to_its_owner() {
        let random = Random::from_seed([7; 32]);
        let keys = Keys::derive(&[1; 32]);
        let sealed = keys
            .seal("second_factors:secret:1", b"seed", &random)
            .unwrap();
        assert!(!sealed.windows(4).any(|part| part == b"seed"));
        assert_eq!(
            keys.open("second_factors:secret:1", &sealed)
                .unwrap()
                .as_slice(),
            b"seed"
        );
        assert!(keys.open("second_factors:secret:2", &sealed).is_err());
        assert!(
            Keys::derive(&[2; 32])
                .open("second_factors:secret:1", &sealed)
                .is_err()
        );
        assert!(keys.open("second_factors:secret:1", &sealed[..10]).is_err());
    }
}
