import { u8, u32 } from '../../attr/integers.ts'
import { attrTable } from '../../attr/table.ts'
import { binary, ranged, string } from '../../attr/values.ts'
import { headerRow } from './header.ts'

/** Memory of a transceiver module. Source: uapi ETHTOOL_A_MODULE_EEPROM_*. */
export const MODULE_EEPROM = attrTable('module-eeprom', {
  header: headerRow('ETHTOOL_A_MODULE_EEPROM_HEADER'),
  offset: { id: 2, c: 'ETHTOOL_A_MODULE_EEPROM_OFFSET', codec: ranged(u32, { max: 255 }) },
  length: { id: 3, c: 'ETHTOOL_A_MODULE_EEPROM_LENGTH', codec: ranged(u32, { min: 1, max: 128 }) },
  page: { id: 4, c: 'ETHTOOL_A_MODULE_EEPROM_PAGE', codec: u8 },
  bank: { id: 5, c: 'ETHTOOL_A_MODULE_EEPROM_BANK', codec: u8 },
  i2cAddress: { id: 6, c: 'ETHTOOL_A_MODULE_EEPROM_I2C_ADDRESS', codec: ranged(u8, { max: 127 }) },
  data: { id: 7, c: 'ETHTOOL_A_MODULE_EEPROM_DATA', codec: binary(), access: 'read' },
})

/** Power of a transceiver module. Source: uapi ETHTOOL_A_MODULE_*. */
export const MODULE = attrTable('module', {
  header: headerRow('ETHTOOL_A_MODULE_HEADER'),
  powerModePolicy: { id: 2, c: 'ETHTOOL_A_MODULE_POWER_MODE_POLICY', codec: ranged(u8, { min: 1, max: 2 }) },
  powerMode: { id: 3, c: 'ETHTOOL_A_MODULE_POWER_MODE', codec: u8, access: 'read' },
})

/** Firmware of a transceiver module. Source: uapi ETHTOOL_A_MODULE_FW_FLASH_*. */
export const MODULE_FW_FLASH = attrTable('module-fw-flash', {
  header: headerRow('ETHTOOL_A_MODULE_FW_FLASH_HEADER'),
  fileName: { id: 2, c: 'ETHTOOL_A_MODULE_FW_FLASH_FILE_NAME', codec: string(undefined, 'nul-string') },
  password: { id: 3, c: 'ETHTOOL_A_MODULE_FW_FLASH_PASSWORD', codec: u32 },
})

/** PHYs of a device. Source: uapi ETHTOOL_A_PHY_*. */
export const PHY = attrTable('phy', {
  header: headerRow('ETHTOOL_A_PHY_HEADER'),
  index: { id: 2, c: 'ETHTOOL_A_PHY_INDEX', codec: u32, access: 'read' },
})
