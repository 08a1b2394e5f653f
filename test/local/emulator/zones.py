"""The name servers of hosted zones."""

from xml.etree.ElementTree import SubElement

from ministack.services import route53

# As AWS names them, one of each of four top-level domains. Route 53 API Reference, GetHostedZone, the sample response.
NAME_SERVERS = ["ns-421.awsdns-52.com.", "ns-971.awsdns-57.net.", "ns-1233.awsdns-26.org.", "ns-1741.awsdns-25.co.uk."]


def delegation_set(parent, name):
    """Lists the name servers of a zone, which are those of its NS record, without the dot at the end.

    Route 53 API Reference, GetHostedZone, the sample response. MiniStack lists the same for all zones, with the dot; zones
    that were made before these names were keep theirs.
    """
    servers = SubElement(SubElement(parent, "DelegationSet"), "NameServers")
    for server in own(name):
        SubElement(servers, "NameServer").text = server.rstrip(".")


def own(name):
    for zone in route53._zones.values():
        for record in route53._records.get(zone["id"], []):
            if zone["name"] == name == record["Name"] and record["Type"] == "NS":
                return record["ResourceRecords"]
    return NAME_SERVERS
