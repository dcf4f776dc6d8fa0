//! Shows a text column masked or as pseudonyms, batch by batch. What leaves here is all that filters, groups, joins
//! and sorts of a statement ever meet.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringViewBuilder};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::error::{DataFusionError, Result};
use pujiang_security::{Pseudonymizer, Treatment};

/// One domain for all columns: equal values of different tables get equal tokens and can be joined.
const DOMAIN: &str = "lake";

/// The values as they may be shown. Nulls stay nulls.
pub(super) fn shown(
    values: &ArrayRef,
    treatment: Treatment,
    pseudonyms: Option<&Pseudonymizer>,
) -> Result<ArrayRef> {
    match (treatment, pseudonyms) {
        (Treatment::Clear, _) => Ok(values.clone()),
        (Treatment::Masked(form), _) => each(values, |value| form.apply(value)),
        (Treatment::Pseudonymised, Some(pseudonyms)) => each(values, |value| pseudonyms.token(DOMAIN, value)),
        // A view has no hidden column, and none with pseudonyms where there is no key.
        (Treatment::Hidden, _) | (Treatment::Pseudonymised, None) => {
            Err(DataFusionError::Internal("a hidden column was asked for".into()))
        }
    }
}

fn each(values: &ArrayRef, treat: impl Fn(&str) -> String) -> Result<ArrayRef> {
    let texts = cast(values, &DataType::Utf8View)?;
    let texts = texts.as_string_view();
    // Values repeat within a batch, and a keyed hash costs a microsecond.
    let mut known: HashMap<&str, String> = HashMap::new();
    let mut out = StringViewBuilder::with_capacity(texts.len()).with_deduplicate_strings();
    for value in texts.iter() {
        match value {
            None => out.append_null(),
            Some(value) => out.append_value(known.entry(value).or_insert_with(|| treat(value))),
        }
    }
    Ok(Arc::new(out.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Int64Array, StringArray};
    use pujiang_security::treatment::MaskForm;
    use pujiang_security::{FieldCipher, FileKeyStore};

    fn texts(array: &ArrayRef) -> Vec<Option<String>> {
        array.as_string_view().iter().map(|v| v.map(ToOwned::to_owned)).collect()
    }

    #[test]
    fn masks_and_tokens() {
        let dir = tempfile::tempdir().expect("folder");
        let keys = FileKeyStore::open_or_create(dir.path().join("k.json")).expect("keys");
        let pseudonyms = FieldCipher::new(Arc::new(keys)).pseudonymizer();
        let names: ArrayRef =
            Arc::new(StringArray::from(vec![Some("张三"), None, Some("张飞"), Some("张三")]));
        let masked = shown(&names, Treatment::Masked(MaskForm::Name), None).expect("masked");
        assert_eq!(texts(&masked), [Some("张*".into()), None, Some("张*".into()), Some("张*".into())]);
        let tokens = shown(&names, Treatment::Pseudonymised, Some(&pseudonyms)).expect("tokens");
        let tokens = texts(&tokens);
        assert_eq!((&tokens[0], &tokens[1]), (&tokens[3], &None));
        assert_ne!(tokens[0], tokens[2]);
        assert!(tokens.iter().flatten().all(|t| t.len() == 32 && !t.contains('张')));
        let number: ArrayRef = Arc::new(Int64Array::from(vec![1]));
        assert_eq!(&shown(&number, Treatment::Clear, None).expect("clear"), &number);
        assert!(shown(&names, Treatment::Hidden, Some(&pseudonyms)).is_err());
        assert!(shown(&names, Treatment::Pseudonymised, None).is_err());
    }
}
