//! AES-256 in CBC mode: the key is the password, cut or padded with zeros; the random
//! initialisation vector stands before the text; all is base64.

use ::aes::Aes256;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cbc::cipher::{Block, BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use rsa::rand_core::RngCore;

use crate::gotmpl::{Call, CallError, Func};
use crate::value::Param::Str as Text;
use crate::value::Value;

use super::super::call::{Outcome, bytes, fixed};
use super::super::encode::base64;
use super::super::random::Stream;

/// The functions of this file.
pub static TABLE: &[Func] = &[fixed("encryptAES", &[Text, Text], encrypt), fixed("decryptAES", &[Text, Text], decrypt)];

const BLOCK: usize = 16;

fn key(password: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    let size = password.len().min(key.len());
    key[..size].copy_from_slice(&password[..size]);
    key
}

fn encrypt(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    let source = bytes(args, 1);
    if source.is_empty() {
        return Ok("".into());
    }
    let mut iv = [0; BLOCK];
    Stream::new(call)?.fill_bytes(&mut iv);
    let padding = BLOCK - source.len() % BLOCK;
    let mut text = source.to_vec();
    text.resize(source.len() + padding, padding as u8);
    let mut cipher = cbc::Encryptor::<Aes256>::new(&key(bytes(args, 0)).into(), &iv.into());
    for block in text.chunks_exact_mut(BLOCK) {
        let mut copy = Block::<Aes256>::try_from(&*block).expect("chunks have the block's size");
        cipher.encrypt_block(&mut copy);
        block.copy_from_slice(&copy);
    }
    Ok(STANDARD.encode([&iv[..], &text].concat()).into())
}

fn decrypt(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    if bytes(args, 1).is_empty() {
        return Ok("".into());
    }
    let crypt = base64(bytes(args, 1))?;
    // Go cuts a buffer that has room for what such a text can hold, padding included.
    let size = bytes(args, 1).len() / 4 * 3;
    let Some((iv, text)) = crypt.split_first_chunk::<BLOCK>() else {
        return Err(format!("runtime error: slice bounds out of range [:{BLOCK}] with capacity {size}").into());
    };
    if text.len() % BLOCK != 0 {
        return Err("crypto/cipher: input not full blocks".into());
    }
    let mut text = text.to_vec();
    let mut cipher = cbc::Decryptor::<Aes256>::new(&key(bytes(args, 0)).into(), &(*iv).into());
    for block in text.chunks_exact_mut(BLOCK) {
        let mut copy = Block::<Aes256>::try_from(&*block).expect("chunks have the block's size");
        cipher.decrypt_block(&mut copy);
        block.copy_from_slice(&copy);
    }
    // With a wrong password the last byte is anything.
    let padding = usize::from(*text.last().ok_or("runtime error: index out of range [-1]")?);
    let end = text.len().checked_sub(padding);
    let end = end.ok_or_else(|| {
        CallError::from(format!("runtime error: slice bounds out of range [:{}]", text.len() as i64 - padding as i64))
    })?;
    text.truncate(end);
    Ok(Value::str(text))
}
