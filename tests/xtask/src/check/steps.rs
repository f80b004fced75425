//! What is checked: the packages, their feature sets and their targets.

use super::step::Lint;
use crate::images::{ALL, CORE_TARGETS, EMBEDDED_TARGETS, HOST_TARGETS, MEASURING, THUMBV7M};
use crate::setup::Target;
use crate::suites::{EVERY_FEATURE, WITHOUT_TLS};

/// Lints on this machine.
///
/// Tests are linted where they can be built: without `std` there is no loop to run them on.
pub const HOST: &[Lint] = &[
    Lint::of("everloop-core").features(""),
    Lint::of("everloop-core").features("alloc"),
    Lint::of("everloop-core").features("hooks"),
    Lint::of("everloop-core").features("inspect"),
    Lint::of("everloop-core").features("defmt"),
    Lint::of("everloop-core").features("std,alloc,defmt").with_tests(),
    Lint::of("everloop-core").features("std").with_tests(),
    Lint::of("everloop-core").features("std,alloc").with_tests(),
    Lint::of("everloop-core").features("std,alloc,inspect").with_tests(),
    Lint::of("everloop-core").features("std,hooks,inspect").with_tests(),
    Lint::of("everloop").with_tests(),
    Lint::of("everloop").features("futures-io").with_tests(),
    Lint::of("everloop").features("tokio-io").with_tests(),
    Lint::of("everloop").features("hyper").with_tests(),
    Lint::of("everloop").features("tls").with_tests(),
    Lint::of("everloop").features(EVERY_FEATURE).with_tests(),
    Lint::of("everloop").features("inspect").with_tests(),
    Lint::of("everloop").features("embassy-time-driver").with_tests(),
    Lint::of("everloop").features("tracing").with_tests(),
    Lint::of("everloop-embedded").features(""),
    Lint::of("everloop-embedded").features("alloc"),
    Lint::of("everloop-embedded").features("alloc,defmt"),
    Lint::of("everloop-embedded").features("std,defmt").with_tests(),
    Lint::of("everloop-embedded").features("std").with_tests(),
    Lint::of("everloop-embedded").features("std,dhcpv4").with_tests(),
    Lint::of("everloop-embedded").features("std,ipv6").with_tests(),
    Lint::of("everloop-embedded").features("std,dhcpv4,slaac").with_tests(),
    Lint::of("everloop-embedded").features("std,udp,nal").with_tests(),
    Lint::of("everloop-embedded").features("std,dns,nal,dhcpv4,slaac").with_tests(),
    Lint::of("asyncio-examples").with_tests(),
    Lint::of("http-example").with_tests(),
    Lint::of("jukebox").with_tests(),
    Lint::of("station").with_tests(),
    Lint::of("station-host").with_tests(),
    Lint::of("everloop-conformance").features("std,alloc").with_tests(),
    Lint::of("everloop-instructions"),
    Lint::of("everloop-network-suite"),
    Lint::of("everloop-network-host"),
    Lint::of("everloop-xtask").with_tests(),
];

/// Documentation without warnings: the package and the features that show all of it.
pub const DOCUMENTED: &[(&str, &str)] = &[
    ("everloop-core", "std,alloc,hooks,inspect"),
    ("everloop", EVERY_FEATURE),
    ("everloop-embedded", "alloc,dns,nal,dhcpv4,slaac"),
];

/// Lints for other targets: the core everywhere, the platform where it is at home, and each board's programs.
pub fn on_targets() -> Vec<(&'static Target, Lint)> {
    let core = CORE_TARGETS.into_iter().map(|target| (target, Lint::of("everloop-core").features("")));
    let embedded = EMBEDDED_TARGETS.into_iter().flat_map(|target| {
        ["", "custom-context", "dhcpv4", "ipv6", "dhcpv4,slaac", "udp", "dns", "nal", "dns,nal,dhcpv4,slaac"]
            .map(|features| (target, Lint::of("everloop-embedded").features(features)))
    });
    // Without TLS: ring has parts in C, for which each target would need a compiler.
    let host = HOST_TARGETS.into_iter().flat_map(|target| {
        ["", WITHOUT_TLS].map(|features| (target, Lint::of("everloop").features(features)))
    });
    let defmt = [(&THUMBV7M, Lint::of("everloop-embedded").features("defmt"))];
    let images = ALL.iter().map(|image| (image.target, Lint::of(image.package)));
    // What else the measuring images are built with.
    let variants = MEASURING
        .into_iter()
        .flat_map(|image| ["recorder", "plain,inspect"].map(|features| (image, features)))
        .map(|(image, features)| (image.target, Lint::of(image.package).features(features)));
    let sizes = [(&THUMBV7M, Lint::of("everloop-sizes"))];
    core.chain(embedded).chain(defmt).chain(host).chain(images).chain(variants).chain(sizes).collect()
}
