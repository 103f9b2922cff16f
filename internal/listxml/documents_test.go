package listxml_test

import (
	"fmt"
	"strings"
)

const declaration = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// page is a document of S3 with some elements.
func page(elements string) string {
	return declaration + `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` + elements + `</ListBucketResult>`
}

// object is an object with some elements beside its key.
func object(elements string) string {
	return page(`<IsTruncated>false</IsTruncated><Contents><Key>a/b.json.gz</Key>` + elements + `</Contents>`)
}

// pageOf is a page of S3 with n objects.
func pageOf(n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<Name>logs</Name><Prefix>prompt-logs/AWSLogs/</Prefix><NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=</NextContinuationToken><KeyCount>%d</KeyCount><MaxKeys>1000</MaxKeys><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>`, n)
	for i := range n {
		fmt.Fprintf(&b, `<Contents><Key>prompt-logs/AWSLogs/111122223333/KiroLogs/GenerateAssistantResponse/us-east-1/2026/03/02/09/202603020900_%016x.json.gz</Key><LastModified>2026-03-02T09:%02d:%02d.000Z</LastModified><ETag>&quot;%032x&quot;</ETag><ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType><Size>%d</Size><StorageClass>STANDARD</StorageClass></Contents>`,
			i*7919, i/60%60, i%60, i*104729, 400+i)
	}
	return page(b.String())
}

// read are documents that Parse reads, in the styles of those who write them.
var read = map[string]string{
	"s3":      pageOf(3),
	"s3 full": pageOf(2500),
	"s3 empty": page(`<Name>logs</Name><Prefix>a/</Prefix><KeyCount>0</KeyCount><MaxKeys>1000</MaxKeys><EncodingType>url</EncodingType>` +
		`<IsTruncated>false</IsTruncated>`),
	"s3 folders": page(`<Name>logs</Name><Prefix></Prefix><StartAfter>a</StartAfter><ContinuationToken>t</ContinuationToken><Delimiter>/</Delimiter>` +
		`<IsTruncated>false</IsTruncated><CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes><CommonPrefixes><Prefix>c%20d/</Prefix></CommonPrefixes>`),
	"s3 restore": object(`<StorageClass>GLACIER</StorageClass><RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress>` +
		`<RestoreExpiryDate>2026-11-30T00:00:00.000Z</RestoreExpiryDate></RestoreStatus>`),
	"s3 being restored": object(`<RestoreStatus><IsRestoreInProgress>true</IsRestoreInProgress></RestoreStatus>`),
	"s3 owner":          object(`<Owner><ID>75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a</ID><DisplayName>me</DisplayName></Owner>`),
	"versitygw": `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>logs</Name><Prefix></Prefix><StartAfter></StartAfter>` +
		`<NextContinuationToken></NextContinuationToken><KeyCount>1</KeyCount><MaxKeys>1000</MaxKeys><Delimiter></Delimiter><IsTruncated>false</IsTruncated>` +
		`<Contents><LastModified>2026-03-02T09:00:07Z</LastModified><ChecksumType></ChecksumType><ETag>&#34;d41d8cd98f00b204e9800998ecf8427e&#34;</ETag>` +
		`<Key>a</Key><Size>0</Size><StorageClass>STANDARD</StorageClass></Contents><EncodingType>url</EncodingType></ListBucketResult>`,
	"minio": page(`<Name>logs</Name><Prefix></Prefix><KeyCount>2</KeyCount><MaxKeys>1000</MaxKeys><Delimiter>/</Delimiter><IsTruncated>false</IsTruncated>` +
		`<Contents><Key>a</Key><LastModified>2026-03-02T09:00:07.123Z</LastModified><ETag>&#34;d41d8cd98f00b204e9800998ecf8427e&#34;</ETag><Size>5</Size>` +
		`<Owner><ID>02d6176db174dc93cb1b899f7c6078f08654445fe8cf1b6ce98d8855f66bdbf4</ID><DisplayName>minio</DisplayName></Owner><StorageClass>STANDARD</StorageClass>` +
		`<UserMetadata><X-Amz-Meta-A>1</X-Amz-Meta-A><content-type>text/plain</content-type></UserMetadata><UserTags></UserTags><IsLatest>false</IsLatest></Contents>` +
		`<CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes><EncodingType>url</EncodingType>`),
	"ceph": `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>logs</Name><Prefix></Prefix>` +
		`<MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated><Contents><Key>a</Key><LastModified>2026-03-02T09:00:07.000Z</LastModified>` +
		`<ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag><Size>5</Size><StorageClass>STANDARD</StorageClass><Owner><ID>u</ID><DisplayName>U</DisplayName></Owner>` +
		`<Type>Normal</Type></Contents><KeyCount>1</KeyCount></ListBucketResult>`,
	"indented":           page("\n\t<Name>logs</Name>\n\t<Contents>\n  <Key>a</Key>\n  <Owner>\n  <ID>u</ID>\n</Owner>\n</Contents>\n<CommonPrefixes>\n <Prefix>b/</Prefix> </CommonPrefixes>\n") + "\n",
	"single quotes":      `<?xml version='1.0' encoding='utf-8'?><ListBucketResult><Name>logs</Name></ListBucketResult>`,
	"no declaration":     `<ListBucketResult><Name>logs</Name></ListBucketResult>`,
	"no content":         `<ListBucketResult/>`,
	"no content, spaced": declaration + `<ListBucketResult xmlns="" />`,
	"empty elements":     page(`<Prefix/><Delimiter /><EncodingType/><Contents/><Contents><Key/><ETag/><StorageClass/><ChecksumAlgorithm/><Owner/><RestoreStatus/></Contents><CommonPrefixes/><CommonPrefixes><Prefix/></CommonPrefixes>`),
	"references":         object(`<ETag>&lt;&gt;&amp;&apos;&quot;&#65;&#x1F600;&#x0a;&#13;&#x10FFFF;&#00009;</ETag>`) + "\n",
	"references in both": page(`<Contents><Key>a&amp;b</Key><ETag>&quot;c&quot;</ETag></Contents><Contents><ETag>"d"</ETag><Key>&lt;</Key></Contents>`),
	"reference, doubled": object(`<ETag>&amp;amp;&amp;#65;</ETag>`),
	"unicode":            page(`<Prefix>日本/ü ~\` + "\t\n" + `</Prefix><Contents><Key>é/😀/` + "\u2028\ufffd\x7f\u0085" + `</Key></Contents>`),
	"whitespace is text": page("<Prefix> \n</Prefix><Contents><Key> a  b </Key></Contents>"),
	"markup-like text":   object(`<ETag>]] > > ' " / = ]>;#</ETag>`),
	"times": page(`<Contents><LastModified>2026-03-02T09:00:07.123456789Z</LastModified></Contents><Contents><LastModified>2026-03-02T09:00:07.5+05:30</LastModified></Contents>` +
		`<Contents><LastModified>2026-03-02T09:00:07</LastModified></Contents><Contents><LastModified>0000-02-29T23:59:59,999Z</LastModified></Contents>` +
		`<Contents><LastModified>2024-02-29T00:00:00.001Z</LastModified></Contents><Contents><LastModified>9999-12-31T23:59:59.999Z</LastModified></Contents>`),
	"numbers": page(`<KeyCount>4294967297</KeyCount><MaxKeys>-1</MaxKeys><Contents><Size>9223372036854775807</Size></Contents><Contents><Size>+5</Size></Contents>` +
		`<Contents><Size>-9223372036854775808</Size></Contents><Contents><Size>0000000000000000000000007</Size></Contents>`),
	"truth":              page(`<IsTruncated>T</IsTruncated><Contents><RestoreStatus><IsRestoreInProgress>0</IsRestoreInProgress></RestoreStatus></Contents>`),
	"several algorithms": object(`<ChecksumAlgorithm>CRC32</ChecksumAlgorithm><ChecksumAlgorithm>SHA256</ChecksumAlgorithm><ChecksumAlgorithm>CRC32</ChecksumAlgorithm>`),
	"many classes":       page(manyClasses(40)),
	"mixed order":        page(`<CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes><Contents><Key>c</Key></Contents><Name>n</Name><CommonPrefixes><Prefix>d/</Prefix></CommonPrefixes><Contents><Key>e</Key></Contents>`),
	"new elements": page(`<New>1</New><New>2</New><Contents><Key>a</Key><VersionId>null</VersionId><Deep><A>x<B/>y&amp;</A></Deep></Contents>` +
		`<CommonPrefixes><Prefix>b/</Prefix><New-1.x/></CommonPrefixes><Contents><Owner><Type>t</Type></Owner><RestoreStatus><Tier>t</Tier></RestoreStatus></Contents>`),
}

func manyClasses(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `<Contents><StorageClass>CLASS%d</StorageClass></Contents>`, i%(n/2))
	}
	return b.String()
}

// refused are documents that are for the SDK, whatever it makes of them.
var refused = map[string]string{
	"nothing":                    "",
	"space":                      " \n",
	"no XML":                     "upstream connect error",
	"html":                       `<html><body>ok</body></html>`,
	"an error":                   declaration + `<Error><Code>InternalError</Code></Error>`,
	"another root":               `<ListBucketResults></ListBucketResults>`,
	"root in other letters":      `<listbucketresult></listbucketresult>`,
	"cut":                        pageOf(2)[:1000],
	"cut in the end":             strings.TrimSuffix(page(""), ">"),
	"byte order mark":            "\ufeff" + page(""),
	"space first":                "\n" + page(""),
	"another encoding":           `<?xml version="1.0" encoding="ISO-8859-1"?><ListBucketResult/>`,
	"another version":            `<?xml version="1.1" encoding="UTF-8"?><ListBucketResult/>`,
	"quotes mixed":               `<?xml version="1.0' encoding="UTF-8"?><ListBucketResult/>`,
	"declaration twice":          declaration + declaration + `<ListBucketResult/>`,
	"instruction":                page(`<?a b?>`),
	"stylesheet":                 declaration + `<?xml-stylesheet href="a"?><ListBucketResult/>`,
	"doctype":                    declaration + `<!DOCTYPE ListBucketResult [<!ENTITY a "b">]><ListBucketResult><Name>&a;</Name></ListBucketResult>`,
	"comment":                    page(`<!-- a -->`),
	"comment in text":            page(`<Name>a<!-- b -->c</Name>`),
	"comment in unknown":         page(`<New>a<!-- b -->c</New>`),
	"CDATA":                      page(`<Name><![CDATA[a]]></Name>`),
	"CDATA, empty":               page(`<Name><![CDATA[]]></Name>`),
	"end of CDATA":               page(`<Name>a]]>b</Name>`),
	"prefix":                     `<s3:ListBucketResult xmlns:s3="http://s3.amazonaws.com/doc/2006-03-01/"><s3:Name>a</s3:Name></s3:ListBucketResult>`,
	"prefix of an element":       page(`<a:Name>a</a:Name>`),
	"colon":                      page(`<Name:>a</Name:>`),
	"attribute":                  page(`<Contents><Owner type="a"><ID>u</ID></Owner></Contents>`),
	"attribute of the root":      `<ListBucketResult a="b"></ListBucketResult>`,
	"attribute of unknown":       page(`<New a="b"></New>`),
	"two namespaces":             `<ListBucketResult xmlns="a" xmlns:b="c"></ListBucketResult>`,
	"markup in a namespace":      `<ListBucketResult xmlns="&amp;"></ListBucketResult>`,
	"namespace in single quotes": `<ListBucketResult xmlns='a'></ListBucketResult>`,
	"namespace without quotes":   `<ListBucketResult xmlns=a></ListBucketResult>`,
	"twice":                      page(`<Name>a</Name><Name>b</Name>`),
	"key twice":                  object(`<Key>b</Key>`),
	"owner twice":                object(`<Owner><ID>a</ID></Owner><Owner><DisplayName>b</DisplayName></Owner>`),
	"two prefixes of a folder":   page(`<CommonPrefixes><Prefix>a/</Prefix><Prefix>b/</Prefix></CommonPrefixes>`),
	"other letters":              page(`<name>a</name>`),
	"other letters of an object": object(`<etag>a</etag>`),
	"other letters of a folder":  page(`<CommonPrefixes><PREFIX>a/</PREFIX></CommonPrefixes>`),
	"letters that fold":          page("<\u212aeyCount>1</\u212aeyCount>"),
	"text between":               page(`a<Name>b</Name>`),
	"text in an object":          object(`a`),
	"text after":                 page(``) + `a`,
	"element after":              page(``) + `<a/>`,
	"document after":             page(``) + page(``),
	"comment after":              page(``) + `<!-- a -->`,
	"element in text":            page(`<Name>a<b/></Name>`),
	"element for text":           object(`<ETag><b>c</b></ETag>`),
	"wrong end":                  page(`<Name>a</Prefix>`),
	"end in other letters":       page(`<Name>a</name>`),
	"spaced end":                 page(`<Name>a</Name >`),
	"crossed":                    page(`<New><A></New></A>`),
	"end of nothing":             page(`</Name>`),
	"deep":                       page(strings.Repeat("<a>", 5000) + strings.Repeat("</a>", 5000)),
	"no name":                    page(`< Name>a</Name>`),
	"name that starts wrong":     page(`<1>a</1>`),
	"slash":                      page(`<New/ >`),
	"unknown reference":          page(`<Name>&nbsp;</Name>`),
	"reference without end":      page(`<Name>a & b</Name>`),
	"reference at the end":       page(`<Name>a&</Name>`),
	"reference to nothing":       page(`<Name>&;</Name>`),
	"reference to no number":     page(`<Name>&#;</Name>`),
	"reference to no hex number": page(`<Name>&#x;</Name>`),
	"reference, X":               page(`<Name>&#X41;</Name>`),
	"reference, sign":            page(`<Name>&#+65;</Name>`),
	"reference, letters":         page(`<Name>&#6A;</Name>`),
	"reference to a surrogate":   page(`<Name>&#xD800;</Name>`),
	"reference to NUL":           page(`<Name>&#0;</Name>`),
	"reference to a control":     page(`<Name>&#x1;</Name>`),
	"reference to no character":  page(`<Name>&#xFFFF;</Name>`),
	"reference too high":         page(`<Name>&#x110000;</Name>`),
	"reference too long":         page(`<Name>&#000000000000065;</Name>`),
	"reference in unknown":       page(`<New>&nbsp;</New>`),
	"reference between":          page(`&amp;`),
	"carriage return":            page("\r\n<Name>a</Name>"),
	"carriage return in text":    page("<Name>a\rb</Name>"),
	"control character":          page("<Name>a\x01b</Name>"),
	"control character, late":    pageOf(3) + "\x00",
	"no character":               page("<Name>a\uffffb</Name>"),
	"bad UTF-8":                  page("<Name>a\xffb</Name>"),
	"bad UTF-8, surrogate":       page("<Name>a\xed\xa0\x80b</Name>"),
	"no size":                    object(`<Size></Size>`),
	"size with space":            object(`<Size> 5</Size>`),
	"size with underscore":       object(`<Size>1_000</Size>`),
	"size is a fraction":         object(`<Size>1.0</Size>`),
	"size too large":             object(`<Size>9223372036854775808</Size>`),
	"count is no number":         page(`<KeyCount>many</KeyCount>`),
	"truth is no word":           page(`<IsTruncated>yes</IsTruncated>`),
	"no truth":                   page(`<IsTruncated/>`),
	"no time":                    object(`<LastModified/>`),
	"day that is none":           object(`<LastModified>2026-02-29T00:00:00.000Z</LastModified>`),
	"month that is none":         object(`<LastModified>2026-13-01T00:00:00.000Z</LastModified>`),
	"month zero":                 object(`<LastModified>2026-00-01T00:00:00.000Z</LastModified>`),
	"leap second":                object(`<LastModified>2026-06-30T23:59:60.000Z</LastModified>`),
	"second that is none":        object(`<LastModified>2026-06-30T10:00:60.000Z</LastModified>`),
	"minute that is none":        object(`<LastModified>2026-06-30T10:60:00Z</LastModified>`),
	"hour that is none":          object(`<LastModified>2026-06-30T24:00:00.000Z</LastModified>`),
	"signs in a time":            object(`<LastModified>2026-+6-30T20:00:00.000Z</LastModified>`),
	"time with space":            object(`<LastModified>2026-06-30 20:00:00.000Z</LastModified>`),
	"small letters in a time":    object(`<LastModified>2026-06-30t20:00:00.000z</LastModified>`),
	"bad restore status":         object(`<RestoreStatus><IsRestoreInProgress>maybe</IsRestoreInProgress></RestoreStatus>`),
}
