package open

import (
	"regexp"
	"strings"
)

// regionForm matches what the SDK takes as a Region: it becomes a part of the host's name.
// Stores other than AWS have names such as RegionOne.
var regionForm = regexp.MustCompile(`^[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*$`)

// A partition of AWS has credentials and Regions of its own.
type partition struct{ name, regions, first string }

// partitions have the beginning of their Regions' names, and the Region where a request goes
// that any of them can answer. The SDK's own table is not public.
var partitions = []partition{
	{"aws-cn", "cn-", "cn-north-1"},
	{"aws-us-gov", "us-gov-", "us-gov-west-1"},
	{"aws-eusc", "eusc-", "eusc-de-east-1"},
	{"aws-iso", "us-iso-", "us-iso-east-1"},
	{"aws-iso-b", "us-isob-", "us-isob-east-1"},
	{"aws-iso-e", "eu-isoe-", "eu-isoe-west-1"},
	{"aws-iso-f", "us-isof-", "us-isof-south-1"},
	{"aws", "", "us-east-1"},
}

// partitionOf returns the partition that a Region is of.
func partitionOf(region string) partition {
	for _, p := range partitions {
		if strings.HasPrefix(region, p.regions) {
			return p
		}
	}
	return partition{}
}
