use crate::value::Value;
/// Go's `fmt.Sprint`.
pub fn sprint(args: &[Value]) -> Vec<u8> {
    let _ = args;
    Vec::new()
}
/// Go's `fmt.Sprintln`.
pub fn sprintln(args: &[Value]) -> Vec<u8> {
    let _ = args;
    Vec::new()
}
/// Go's `fmt.Sprintf`.
pub fn sprintf(format: &[u8], args: &[Value]) -> Vec<u8> {
    let _ = (format, args);
    Vec::new()
}
/// Appends what `%v` prints of a value handed over as an interface (a copy, for objects).
pub fn print_v(out: &mut Vec<u8>, value: &Value) {
    let _ = (out, value);
}
/// Appends what a template action prints of a value (`{{ value }}`): like `%v`, but objects print
/// through their pointer and nil prints `<no value>`.
pub fn print_action(out: &mut Vec<u8>, value: &Value) {
    let _ = (out, value);
}
