//! Passwords, encryption, keys and certificates. Arguments and the host's random seed and time go
//! in; text and certificate objects with the same structure as Go's come out. With a host that
//! repeats its seeds the same keys come out: they are then repeatable, not secret.

mod aes;
mod certificate;
mod der;
mod dsa;
mod keys;
mod montgomery;
mod passwords;
mod pem;
mod primes;
mod sieve;
mod x509;

pub use aes::TABLE as AES;
pub use certificate::TABLE as CERTIFICATES;
pub use keys::TABLE as KEYS;
pub use passwords::TABLE as PASSWORDS;

#[cfg(test)]
mod tests;
