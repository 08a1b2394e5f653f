"""The regions from which health checks are made."""

from ministack.services import route53

# All that Route 53 has. Route 53 API Reference, HealthCheckConfig, Regions.
REGIONS = [
    "ap-northeast-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "eu-west-1",
    "sa-east-1",
    "us-east-1",
    "us-west-1",
    "us-west-2",
]
CHECKED_FROM_REGIONS = ("HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP")

parse_any = route53._parse_health_check_config
build_any = route53._build_health_check_el


def parsed(element):
    """Reads what a check is to be. MiniStack reads as many regions as there are, each of them empty."""
    config = parse_any(element)
    regions = route53._find(element, "Regions")
    if regions is not None:
        config["Regions"] = [region.text for region in route53._findall(regions, "Region")]
    return config


def built(parent, check):
    """Writes a check. One that names no regions is made from all, and Route 53 answers so."""
    config = check["config"]
    if config.get("Type") in CHECKED_FROM_REGIONS:
        config = {"Regions": REGIONS, **config}
    build_any(parent, {**check, "config": config})
