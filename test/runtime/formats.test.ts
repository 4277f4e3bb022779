/** The suites of formats once more inside workerd: its TextDecoder, its stack and its bundle of the libraries. */
import '../../src/formats/charset.test.ts'
import '../../src/formats/json.test.ts'
import '../../src/formats/soap.test.ts'
import '../../src/formats/xml/check.test.ts'
import '../../src/formats/xml/read.test.ts'
