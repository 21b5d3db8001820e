"""The tea warehouse of the journeys, as the tables somebody would import: eight bins, two stations, seven items.

Orders 100201 and 100202 want mugs and tea that only come in today; the others can be picked at once.
"""

from app.work import numbers

PREFIX = "4012345"


def gtin(number: int, level: str = "") -> str:
    """GTIN-13 of a piece, GTIN-14 of its case with `level` 1."""
    body = f"{level}{PREFIX}{number:05d}"
    return body + numbers.check_digit(body)


TEA, TEA_CASE, MUG, MUG_CASE, KETTLE = gtin(1), gtin(1, "1"), gtin(2), gtin(2, "1"), gtin(3)
TIN, SOAP, SPOON, CANDLE = gtin(4), gtin(5), gtin(6), gtin(7)
TABLES = {
    "site": (
        "code,name,gs1_company_prefix,aisles,blocks,aisle_pitch_mm,block_length_mm,cross_aisle_mm\n"
        f"QUAY,Tea on the quay,{PREFIX},2,1,3000,4000,2400\n"
    ),
    "parties": "code,kind,name\nTEATRADE,supplier,Tea Trade Ltd.\nDPD,carrier,DPD\nUPS,carrier,UPS\n",
    "items": (
        "code,name,weight_g,length_mm,width_mm,height_mm,lot_tracked,expiry_tracked,serial_tracked,packs,barcode,zone\n"
        f"TEA-EARL,Earl Grey 100 g,130,85,85,120,yes,yes,,case=12,{TEA},A\n"
        f'MUG-BLUE,"Mug, blue",340,120,90,100,,,,case=24,{MUG},A\n'
        f'KETTLE,"Kettle, steel",1420,240,180,240,,,yes,,{KETTLE},A\n'
        f"TIN-100,Tin for 100 g,95,80,80,115,,,,,{TIN},A\n"
        f'SOAP-OLIVE,"Soap, olive",105,90,60,35,,,,,{SOAP},A\n'
        f"SPOON-TEA,Measuring spoon,35,170,40,20,,,,,{SPOON},A\n"
        f"CANDLE-BEES,Beeswax candle,230,70,70,150,,,,,{CANDLE},A\n"
    ),
    "barcodes": f"barcode,item,unit\n{TEA_CASE},TEA-EARL,case\n{MUG_CASE},MUG-BLUE,case\n",
    "locations": (
        "code,pattern,zone,kind,block,aisles,bays,levels,bay_pitch_mm,carrier,mix\n"
        ",{aisle}-{bay}-{level},A,bin,1,01-02,01-04,01,1000,,one_item\n"
        "DOCK-1,,,staging,,,,,,,\nDOOR-1,,,dock,,,,,,,\nCART-4,,,cart,,,,,,,\n"
        "PACK-1,,,station,,,,,,,\nPACK-2,,,station,,,,,,,\n"
        "LANE-DPD,,,lane,,,,,,DPD,\nTRUCK-DPD,,,truck,,,,,,DPD,\nLANE-UPS,,,lane,,,,,,UPS,\n"
    ),
    "stations": (
        "code,name,location,label_printer,slip_printer,scale,scanner\n"
        "RCV-1,Receiving,DOCK-1,LABEL-1,,,\nPACK-1,Packing 1,PACK-1,LABEL-1,SLIP-1,SCALE-1,SCAN-1\n"
        "PACK-2,Packing 2,PACK-2,LABEL-1,SLIP-1,,\n"
    ),
    "carton_types": (
        "code,name,length_mm,width_mm,height_mm,weight_g,max_weight_g\nM,Medium carton,350,250,280,240,12000\n"
    ),
    "putaway_strategies": "position,rule\n1,same_item\n2,empty_in_zone\n3,empty\n",
    "workers": (
        "code,badge,name,roles,pin\nmara,1001,Mara Keller,worker packer loader,1234\n"
        "ben,1002,Ben Okafor,worker packer,1234\nines,1003,Ines Duarte,worker packer,1234\n"
        "tomek,1004,Tomek Nowak,worker,1234\n"
        "kim,1006,Kim Soto,worker,1234\nuwe,1007,Uwe Brandt,worker,1234\nlena,1005,Lena Vogt,worker supervisor,1234\n"
    ),
    "purchase_orders": "code,supplier\n4500187,TEATRADE\n4500188,TEATRADE\n",
    "purchase_order_lines": (
        "purchase_order,line,item,quantity\n4500187,1,TEA-EARL,24\n4500187,2,MUG-BLUE,24\n4500188,1,CANDLE-BEES,3\n"
    ),
    "orders": (
        "code,customer,name,address,carrier,cutoff,priority\n"
        "100201,C1,Ada Byrne,Quay Street 1,DPD,2027-12-24 16:00,1\n"
        "100202,C2,Cem Aydin,Quay Street 2,DPD,2027-12-24 16:00,1\n"
        "100301,C3,Greta Lind,Quay Street 3,UPS,2027-12-24 18:00,5\n"
        "100401,C4,Ivy Chen,Quay Street 4,UPS,2027-12-24 18:00,5\n"
        "100501,C5,Jo Bloggs,Quay Street 5,UPS,2027-12-24 18:00,5\n"
        "100601,C6,Noor Haddad,Quay Street 6,UPS,2027-12-24 18:00,5\n"
        "100701,C7,Ola Berg,Quay Street 7,UPS,2027-12-24 18:00,5\n"
    ),
    "order_lines": (
        "order,line,item,quantity\n"
        "100201,1,MUG-BLUE,2\n100201,2,KETTLE,1\n100202,1,MUG-BLUE,1\n100202,2,TEA-EARL,3\n"
        "100301,1,SOAP-OLIVE,2\n100301,2,SPOON-TEA,1\n"
        "100401,1,TIN-100,1\n100401,2,SOAP-OLIVE,1\n100401,3,SPOON-TEA,1\n"
        "100501,1,TIN-100,1\n100501,2,SOAP-OLIVE,1\n100501,3,SPOON-TEA,1\n"
        "100601,1,SPOON-TEA,3\n100701,1,SOAP-OLIVE,1\n"
    ),
    "opening_stock": (
        "item,location,quantity,serials\nKETTLE,02-03-01,2,K1001 K1002\n"
        "TIN-100,01-01-01,30,\nSOAP-OLIVE,01-04-01,30,\nSPOON-TEA,02-01-01,30,\n"
    ),
}
