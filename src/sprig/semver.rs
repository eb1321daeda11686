//! Semantic versions as Masterminds' library has them.

use std::any::Any;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use crate::golang::semver::{Constraints, Version};
use crate::golang::strconv;
use crate::gotmpl::{Call, Func};
use crate::value::Param::{Named, Str as Text};
use crate::value::{IntKind, Kind, List, Object, Signature, Value};

use super::call::{NIL_POINTER, Outcome, bytes, fixed, text};

/// The functions of this file.
pub static TABLE: &[Func] = &[fixed("semver", &[Text], semver), fixed("semverCompare", &[Text, Text], semver_compare)];

const POINTER: &str = "*semver.Version";

static NO_ARGUMENTS: Signature = Signature::fixed(&[]);
static ONE_TEXT: Signature = Signature::fixed(&[Text]);
static ONE_VERSION: Signature = Signature::fixed(&[Named(POINTER)]);

/// `*semver.Version`, or the plain `semver.Version` that the incrementing methods give and that
/// lacks the pointer's methods.
struct VersionObject {
    version: Version,
    pointer: bool,
}

fn semver(_: &mut Call<'_>, args: &[Value]) -> Outcome {
    let version = Version::parse(&text(args, 0).to_str_lossy())?;
    Ok(VersionObject { version, pointer: true }.into())
}

fn semver_compare(call: &mut Call<'_>, args: &[Value]) -> Outcome {
    call.exec.charge(20 + bytes(args, 0).len() as u64 + bytes(args, 1).len() as u64)?;
    let constraints = Constraints::parse(&text(args, 0).to_str_lossy())?;
    let version = Version::parse(&text(args, 1).to_str_lossy())?;
    Ok(constraints.check(&version).into())
}

fn byte_slice(text: String) -> Value {
    Value::List(List::bytes(Arc::from(text.into_bytes())))
}

impl VersionObject {
    fn plain(version: Version) -> Value {
        Self { version, pointer: false }.into()
    }

    fn compare(&self, args: &[Value]) -> Result<Ordering, String> {
        let other = args.first().and_then(Value::as_object::<Self>).ok_or(NIL_POINTER)?;
        Ok(self.version.cmp(&other.version))
    }
}

impl Object for VersionObject {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed(if self.pointer { POINTER } else { "semver.Version" })
    }

    fn kind(&self) -> Kind {
        if self.pointer { Kind::Ptr } else { Kind::Struct }
    }

    fn method(&self, name: &str) -> Option<&'static Signature> {
        match name {
            "Major" | "Minor" | "Patch" | "Prerelease" | "Metadata" | "String" | "IncMajor" | "IncMinor"
            | "IncPatch" | "MarshalJSON" | "MarshalText" | "Value" => Some(&NO_ARGUMENTS),
            "SetPrerelease" | "SetMetadata" => Some(&ONE_TEXT),
            "Original" if self.pointer => Some(&NO_ARGUMENTS),
            "Compare" | "Equal" | "LessThan" | "LessThanEqual" | "GreaterThan" | "GreaterThanEqual" if self.pointer => {
                Some(&ONE_VERSION)
            }
            _ => None,
        }
    }

    fn call(&self, name: &str, args: &[Value]) -> Result<Value, String> {
        let version = &self.version;
        let number = |number: u64| Value::Int(IntKind::Uint64, number as i64);
        Ok(match name {
            "MarshalJSON" => byte_slice(strconv::quote(version.to_string().as_bytes())),
            "MarshalText" => byte_slice(version.to_string()),
            "Major" => number(version.major),
            "Minor" => number(version.minor),
            "Patch" => number(version.patch),
            "Prerelease" => version.pre.as_str().into(),
            "Metadata" => version.metadata.as_str().into(),
            "Original" => version.original.as_str().into(),
            "IncMajor" => Self::plain(version.inc_major()?),
            "IncMinor" => Self::plain(version.inc_minor()?),
            "IncPatch" => Self::plain(version.inc_patch()?),
            "SetPrerelease" => Self::plain(version.with_prerelease(&text(args, 0).to_str_lossy())?),
            "SetMetadata" => Self::plain(version.with_metadata(&text(args, 0).to_str_lossy())?),
            "Compare" => Value::int(self.compare(args)? as i64),
            "Equal" => self.compare(args)?.is_eq().into(),
            "LessThan" => self.compare(args)?.is_lt().into(),
            "LessThanEqual" => self.compare(args)?.is_le().into(),
            "GreaterThan" => self.compare(args)?.is_gt().into(),
            "GreaterThanEqual" => self.compare(args)?.is_ge().into(),
            _ => version.to_string().into(),
        })
    }

    fn print(&self) -> Vec<u8> {
        self.version.to_string().into_bytes()
    }

    fn to_data(&self) -> Value {
        self.version.to_string().into()
    }

    fn equal(&self, other: &dyn Object) -> Option<bool> {
        let other: &dyn Any = other;
        let other = other.downcast_ref::<Self>().filter(|other| other.pointer == self.pointer)?;
        Some(self.version == other.version && self.version.original == other.version.original)
    }
}
