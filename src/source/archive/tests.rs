use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::EntryType;

use super::*;
use crate::source::tree::Tree;

fn tar_of(members: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, kind, content) in members {
        let mut header = tar::Header::new_gnu();
        // Set the name's bytes directly: the builder itself refuses the names tested here.
        let field = &mut header.as_old_mut().name;
        field[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(*kind);
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append(&header, *content).unwrap();
    }
    builder.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn unpack(bytes: &[u8]) -> Result<Tree, ArchiveError> {
    unpack_tgz(bytes, "chart.tgz", Naming::DropFirstSegment, &mut ArchiveBudget::default())
}

fn refusal(name: &str, kind: EntryType) -> String {
    unpack(&gzip(&tar_of(&[("demo/Chart.yaml", EntryType::Regular, b"name: demo"), (name, kind, b"")])))
        .unwrap_err()
        .to_string()
}

#[test]
fn files_lose_their_first_segment() {
    let tree = unpack(&gzip(&tar_of(&[
        ("demo/", EntryType::Directory, b""),
        ("demo/Chart.yaml", EntryType::Regular, b"name: demo\n"),
        ("demo/templates/../a.txt", EntryType::Regular, b"a"),
        ("other/b.txt", EntryType::Regular, b"b"),
        ("demo\\win\\c.txt", EntryType::Regular, b"c"),
    ])))
    .unwrap();
    assert_eq!(&*tree.read("Chart.yaml").unwrap(), b"name: demo\n");
    assert_eq!(&*tree.read("a.txt").unwrap(), b"a");
    assert_eq!(&*tree.read("b.txt").unwrap(), b"b");
    assert_eq!(&*tree.read("win/c.txt").unwrap(), b"c");
    assert_eq!(tree.display("a.txt"), "chart.tgz/a.txt");
}

#[test]
fn paths_can_be_kept() {
    let bytes = gzip(&tar_of(&[("demo/Chart.yaml", EntryType::Regular, b"x")]));
    let tree = unpack_tgz(&bytes, "x.tgz", Naming::Keep, &mut ArchiveBudget::default()).unwrap();
    assert!(tree.is_file("demo/Chart.yaml"));
}

#[test]
fn names_that_lead_elsewhere_are_refused_in_helms_words() {
    let regular = EntryType::Regular;
    assert_eq!(
        refusal("demo/../../x", regular),
        r#"chart.tgz: chart illegally references parent directory: "demo/../../x""#
    );
    assert_eq!(refusal("../demo/x", regular), r#"chart.tgz: chart illegally references parent directory: "../demo/x""#);
    assert_eq!(refusal("demo//etc/x", regular), r#"chart.tgz: chart illegally contains absolute paths: "demo//etc/x""#);
    assert_eq!(refusal("demo/c:/x", regular), r#"chart.tgz: chart contains illegally named files: "demo/c:/x""#);
    assert_eq!(
        refusal("Chart.yaml", regular),
        r#"chart.tgz: chart illegally contains content outside the base directory: "Chart.yaml""#
    );
    assert_eq!(refusal("Chart.yaml/x", regular), r#"chart.tgz: chart yaml not in base directory: "Chart.yaml/x""#);
}

#[test]
fn only_regular_files_are_accepted() {
    for (kind, word) in [
        (EntryType::Symlink, "symlink"),
        (EntryType::Link, "hard link"),
        (EntryType::Char, "device"),
        (EntryType::Block, "device"),
        (EntryType::Fifo, "fifo"),
        (EntryType::new(b'Z'), "special file"),
    ] {
        let message = refusal("demo/x", kind);
        assert_eq!(
            message,
            format!("chart.tgz: chart archive contains a {word}: \"demo/x\"; only regular files are accepted")
        );
    }
}

#[test]
fn sizes_and_counts_are_bounded_across_archives() {
    let big = vec![b'x'; MAX_MEMBER_BYTES as usize + 1];
    let error = unpack(&gzip(&tar_of(&[("demo/big", EntryType::Regular, &big)]))).unwrap_err();
    assert_eq!(
        error.problem.to_string(),
        r#"decompressed chart file "demo/big" is larger than the maximum file size 5242880"#
    );

    let bytes = gzip(&tar_of(&[("demo/a", EntryType::Regular, &[b'x'; 600])]));
    let mut budget = ArchiveBudget { bytes: 1_000, members: 10 };
    unpack_tgz(&bytes, "a.tgz", Naming::DropFirstSegment, &mut budget).unwrap();
    let error = unpack_tgz(&bytes, "a.tgz", Naming::DropFirstSegment, &mut budget).unwrap_err();
    assert_eq!(error.problem, ArchiveProblem::TooLarge);

    let mut budget = ArchiveBudget { bytes: 10_000, members: 1 };
    unpack_tgz(&bytes, "a.tgz", Naming::DropFirstSegment, &mut budget).unwrap();
    let error = unpack_tgz(&bytes, "a.tgz", Naming::DropFirstSegment, &mut budget).unwrap_err();
    assert_eq!(error.problem, ArchiveProblem::TooManyMembers);
}

#[test]
fn a_bomb_is_stopped_while_inflating() {
    let bomb = gzip(&vec![0; 4 * 1024 * 1024]);
    let inflated = gzip::inflate(&bomb, 1_000_000).unwrap();
    assert!(inflated.cut_off && inflated.bytes.len() == 1_000_001);
    let inflated = gzip::inflate(&bomb, 4 * 1024 * 1024).unwrap();
    assert!(!inflated.cut_off && inflated.bytes.len() == 4 * 1024 * 1024);
}

#[test]
fn a_cut_off_archive_is_refused_for_what_there_is_too_much_of() {
    let framing = 32 * 1024 * 1024;
    let mut budget = ArchiveBudget { bytes: 1_000, members: 10 };
    let many = gzip(&tar_of(&vec![("demo/a", EntryType::Regular, &b""[..]); framing / 512 + 10]));
    let error = unpack_tgz(&many, "a.tgz", Naming::DropFirstSegment, &mut budget).unwrap_err();
    assert_eq!(error.problem, ArchiveProblem::TooManyMembers);

    let mut padded = tar_of(&[("demo/a", EntryType::Regular, b"x")]);
    padded.resize(framing + 10_000, 0);
    let mut budget = ArchiveBudget { bytes: 1_000, members: 10 };
    let error = unpack_tgz(&gzip(&padded), "a.tgz", Naming::DropFirstSegment, &mut budget).unwrap_err();
    assert_eq!(error.problem, ArchiveProblem::TooLarge);
}

#[test]
fn damaged_archives_are_refused() {
    let good = gzip(&tar_of(&[("demo/Chart.yaml", EntryType::Regular, b"name: demo")]));

    let mut checksum = good.clone();
    let at = checksum.len() - 8;
    checksum[at] ^= 1;
    assert!(matches!(unpack(&checksum).unwrap_err().problem, ArchiveProblem::Gzip(_)));

    assert!(matches!(unpack(&good[..good.len() / 2]).unwrap_err().problem, ArchiveProblem::Gzip(_)));
    assert_eq!(unpack(b"PK\x03\x04 and more").unwrap_err().problem, ArchiveProblem::GzipHeader);
    assert_eq!(unpack(b"PK\x03\x04").unwrap_err().problem, ArchiveProblem::UnexpectedEnd);
    assert!(matches!(unpack(&gzip(&good)).unwrap_err().problem, ArchiveProblem::Header(_)));
    assert_eq!(unpack(&gzip(&[0; 1024])).unwrap_err().problem, ArchiveProblem::Empty);

    let mut padded = good.clone();
    padded.extend([0; 512]);
    unpack(&padded).unwrap();
}

#[test]
fn gzip_members_are_one_stream() {
    let tar = tar_of(&[("demo/Chart.yaml", EntryType::Regular, b"name: demo")]);
    let (first, second) = tar.split_at(700);
    let mut bytes = gzip(first);
    bytes.extend(gzip(second));
    assert!(unpack(&bytes).unwrap().is_file("Chart.yaml"));
}

#[test]
fn a_file_that_is_no_archive_is_named_by_its_type() {
    let words = |bytes: &[u8], name: &str| expect_gzip(bytes, name).unwrap_err().problem.to_string();
    assert_eq!(
        words(b"PK\x03\x04rest", "c.tgz"),
        "file 'c.tgz' does not appear to be a gzipped archive; got 'application/zip'"
    );
    assert_eq!(
        words(b"", "c.tgz"),
        "file 'c.tgz' does not appear to be a gzipped archive; got 'application/octet-stream'"
    );
    assert_eq!(
        words(&[b'a'; 600], "c.tgz"),
        "file 'c.tgz' does not appear to be a gzipped archive; got 'text/plain; charset=utf-8'"
    );
    assert_eq!(words(b"a: 1", "v.yaml"), "file 'v.yaml' seems to be a YAML file, but expected a gzipped archive");
    expect_gzip(b"\x1f\x8b\x08", "c.tgz").unwrap();
}

#[test]
fn archives_of_anything_lose_their_only_folder_and_their_links() {
    let file = EntryType::Regular;
    let one = [
        ("web-1.0/", EntryType::Directory, &b""[..]),
        ("web-1.0/a.yaml", file, b"a"),
        ("web-1.0/b/c.yaml", file, b"c"),
        ("web-1.0/link", EntryType::Symlink, b""),
        ("web-1.0/hard", EntryType::Link, b""),
    ];
    for bytes in [tar_of(&one), gzip(&tar_of(&one))] {
        let tree = unpack_source(&bytes, "web.tar").unwrap();
        assert_eq!(&*tree.read("a.yaml").unwrap(), b"a");
        assert!(tree.is_file("b/c.yaml") && !tree.is_file("link") && !tree.is_file("hard"));
        assert_eq!(tree.display("a.yaml"), "web.tar/a.yaml");
    }
    let two = unpack_source(&tar_of(&[("x/a", file, b"1"), ("xy/b", file, b"2")]), "x.tar").unwrap();
    assert!(two.is_file("x/a") && two.is_file("xy/b"));
    let flat = unpack_source(&tar_of(&[("./a", file, b"1")]), "x.tar").unwrap();
    assert!(flat.is_file("a"));
}

#[test]
fn archives_of_anything_have_the_same_limits() {
    let file = EntryType::Regular;
    let refused = |bytes: &[u8]| unpack_source(bytes, "x.tar").unwrap_err().to_string();
    assert!(refused(&tar_of(&[("../a", file, b"1")])).contains("parent directory"));
    assert!(refused(&tar_of(&[("/a", file, b"1")])).contains("absolute"));
    assert!(refused(&tar_of(&[("a/dev", EntryType::Char, b"")])).contains("device"));
    let large = vec![0; usize::try_from(MAX_MEMBER_BYTES).unwrap() + 1];
    assert!(refused(&tar_of(&[("a", file, &large)])).contains("maximum file size"));
    assert!(refused(b"PK\x03\x04 and more").starts_with("x.tar: "));
    assert!(refused(b"").contains("no files"));
}
