"""Words that tell a name from what is none: given names, and the words of ordinary sentences.

None of these lists is complete, and none needs to be: a capital letter or a cue (``patient``,
``Mrs.``) finds names that stand in no list, and an organisation's own words are passed as ``keep``.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


GIVEN = _words("""
aaliyah aarav aaron abdul abdullah abena abigail abraham adaeze adam adele aditi adrian adriana
agnes agnieszka ahmad ahmed aidan aiden aisha akira akosua alan alana alastair albert alberto
alejandra alejandro aleksandr alessandro alex alexa alexander alexandra alexis alfred alfredo ali
alice alicia alina alison allison alvaro alyssa amalia amanda amara amelia amina aminata amir amit
amos amy ana ananya anastasia anatoly anders andre andrea andreas andres andrew andrzej andy
angela angelica angelina angelo anil anita anjali ann anna anne anneliese annelise annette annie
annika anthony antoine anton antonia antonio aoife arash arjun arlene armando arthur arturo arun
asha ashley ashlyn assunta astrid aubrey audrey augusto aurelio ava avery ayesha bailee barbara
beatrice beatrix beatriz becky belinda benjamin benoît bernadette bernard bernardo bernice bertha
bessie beth bethany betty beverly bianca birgit bjorn bogdan bohdan bonnie boris boyan brandi
brandon brenda brendan brent brian brianna bridget britney brooklyn bruno bryan burak caden
caitlin caitlyn caleb cameron camila camille candice carla carlos carmela carmen caroline carolyn
carrie caspar cassandra catalina caterina catherine cathy cecilia celeste celia cesar chandra
charlene charles charlotte chen cheryl chiara chidi chinedu chloe christina christine christopher
ciaran cindy claire clara claudia clifford clément colleen colton concepcion concetta conrad
consuelo corey cornelius courtney craig cristian cristina curtis cynthia damian damien dana daniel
daniela danielle danilo danny daphne darius darlene darnell darren darryl dave david deborah debra
declan deepak deepika deirdre delia delores denise dennis derek deshawn desmond devin diana diane
diego dieter dimitri dirk diya dmitri dolly dolores dominic dominique donald donna dora doreen
doris dorothy douglas duane dustin dwayne dwight dylan ebony eddie eduardo edward edwin effie
eileen elaine eleanor elena eli eliana elias elif elijah elisa elizabeth ella ellen ellie elliott
eloise elsa elsie elvira emeka emil emilia emiliano emilio emily emma emre enoch enrique eoin eric
erica erik erika ernest ernesto esperanza esteban estelle esther ethan ethel eugene eugenia eva
evan evelyn ezekiel ezra farah fatima fatma fatou fatoumata federico felicia felipe felix fernanda
fernando fiona folake francesca francesco francisca francisco francois franz freddie frederick
freya frida friedrich fumiko gabriel gabriela gabrielle galina gareth gary gavin gemma gennaro
geoffrey george georgina gerald geraldine gerard gertrude gianna gideon gilbert gina giorgio
giovanni gisela gita giulia giuseppe gladys glenda glenn gloria gordon gottfried graciela graham
greg gregory greta gretchen grzegorz guadalupe guillermo gunnar gurpreet gustavo gwen gwendolyn
günther hailey haley halvor hannah hans harold harpreet harriet haruto harvey hassan hattie hector
heidi heinrich helen helena helga henri henrik henry herbert herman hilda hiroshi holly howard
hugo hussein hyun håkon ian ibrahim ignacio immacolata imogen ines ingeborg ingrid irene irina
irma isaac isabel isabella isaiah isla ismael ivan ivana jackie jaclyn jacob jacqueline jaden jae
jaime jake jamal jamar james jamie jana jane janet janice jared jasmine jason jaspreet javier
jayden jeanette jedediah jeffrey jelena jenna jennifer jenny jeremiah jeremy jermaine jerome jerry
jessica jesus jill jim jimenez jimmy jin jiri joachim joan joann joanna joanne joao joaquin
jocelyn jodie joe joel joey johan johann johanna john johnny jolanta jonas jonathan jorge jose
josef josefina joseph josephine joshua josiah josue jovan juan juana juanita judith judy julia
julian juliana julie julio jurgen justin kaitlyn kamal karen karim karin karina karl karla kate
katelyn katharina katherine kathleen kathryn kathy katie katrina kavita kayla kaylee keiko keisha
keith kelly ken kenji kenneth kerry kevin khadija khalid kiara kimberly kirsten klaus kofi
konstantin kristen kristin kristina krzysztof kumar kurt kwabena kwame kyle kylie lakisha lakshmi
laleh lamar landon lars latasha latoya laura lauren laurence laurie lawrence leah leela leila lena
leo leon leonard leonardo leroy leslie leticia levi leyla liam liesel lillian linda lindsay
lindsey linh linnea lisa lorena lorenzo loretta lori lorna lorraine louis louisa louise lourdes
luc luca lucas lucia luciana lucille lucy ludmila ludwig luigi luis luisa luke luz lydia lynn
mabel mackenzie madeline magdalena mahmoud maja makena malcolm malgorzata malik malin mamadou
mandy manoj manpreet manuel manuela marc marcel marcela marcia marco marcos marcus margaret
margarita margaux maria mariam mariana marie marilyn marina mario marion marisol marjorie marlene
marta martha martin martina marvin mary maryam mateo mathilde matilda matteo matthew matthias
maude maureen maurice mauricio maxine meera megan mehmet mei melanie melinda melissa meredith mia
miah micah michael michaela michel michele michelle miguel mikhail mila mildred milos minh miranda
miriam miroslav mohamed mohammad mohammed mohan moira monica monique morgan muhammad mustafa myra
myrtle nadia nancy naomi nasrin natalia natalie natasha nathan nathaniel neha neil nellie nelson
ngoc ngozi nguyen niamh nicholas nicolas nicole nigel nigella nikhil nikolai nina njeri noah noel
noelle nolan nora norma norman nunzia odile oksana olena olga oliver olivia olumide oluwaseun omar
omari orlando oscar oskar otto ousmane owen pablo padraig pamela paola parisa pasquale patricia
patrick paul paula paulina pauline paulo pawel pedro peggy penelope percy pete peter petra peyton
philip phillip phuong phyllis pierre piet pilar piotr pooja prakash preeti priya rachel rafael
rahul raj rajesh ralph ramon ramona randall randy raquel rashid raul ravi raymond rebecca regina
reginald reiko rene renee rhoda rhonda ricardo riccardo richard ricky riley rita ritu robert
roberta roberto rocio roderick rodney rodolfo rodrigo roger rohan roland rolf ronald ronnie rosa
rosalia rosalie rosalind rosario rosemarie roxanne ruben rudolf rudy rupert rupinder russell ruth
ryan sabrina salma salvador salvatore sam samantha samir samuel sandeep sandra sanjay sanne
santiago saoirse sara sarah sasha scott sean sebastian selena serena sergei sergio shakira shanice
shannon sharon shaun shauna sheila shelby sheryl shirin shirley sienna sigrid silvia simon simone
siobhan sita skyler sneha sofia solange soledad solveig sonia sophia sophie soraya stacey stacy
stanislaw stanley stefan stefano stella stephanie stephen steve steven stuart sunil sunita susan
susana susanna suzanne sven svetlana sylvia sylvie takashi tamara tameka tamika tammy tanisha
tanner tanya tara tariq tasha tatiana tatyana teresa terrell terrence terry thaddeus thanh thelma
theodore theresa thierry thomas thora tiffany tim timothy tina tobias todd tom tomas tommy toni
tony torsten tracy travis trevor tricia tristan tunde tyrell tyrone ulrich ursula vaclav valentina
valeria valerie vanessa vera veronica vicente vicki victoria vihaan vijay vikram vincent vincenzo
vivian vladimir walter wanda wanjiku wayne wei wendy werner wesley wilfred wilhelm william willie
winifred winston wojciech wolfgang wolfram wyatt xavier ximena xiomara xiuying xochitl yasmin
yetunde yevgeny yolanda yosef youssef yuki yuri yusuf yvette yvonne zachary zainab zawadi zbigniew
zdenek zeynep zoe zoey zofia étienne øystein
""")
"""First names that are hardly ever another word: taken for names in any case, anywhere."""

GIVEN_OR_WORD = _words("""
alma amber angel april art august aurora autumn bill bob brook carol carolina chad chance charity
chase chelsea chip christian clay crystal daisy dale dawn dean destiny devon drew earl eve faith
florence frank gene georgia ginger glen grace grant guy hazel heath heather hope iris ivy jack
jade jan jasper jay jean jewel jim jordan josh joy jun june kay kelvin kim lance lane lee lily
madison mark matt max may melody mercedes miles nick olive pat pearl penny pierce price ray reed
rich rob robin rod roman rose ruby rusty sage sally sandy sierra skip sky sterling sue summer ted
trinity troy victor violet virginia wade ward will wren
""")
"""First names that are also words: taken for names with a capital letter, away from a start."""

SURNAMES = _words("""
abebe abernathy adeyemi aguilar ahmadi allen almeida alvarez anderson andersson bailey bakker
banerjee barbosa bauer becker bennett bertrand bianchi blackwell bonnet braun brennan bryant byrne
callahan campbell carmichael carvalho castillo castro celik chatterjee chavez choi chopra
christensen chung cohen coleman collins colombo conti cox davis dejong dekker delgado deng devries
diallo diaz dijkstra doherty dominguez doyle dubois dupont durand edwards ellis eriksson espinoza
esposito estrada evans feng fernandez ferrari ferreira figueroa flores fontaine foster fournier
fraser friedman fuentes gallagher gallegos gallo garcia ghosh gibson giordano girard goldberg
gomes gomez gonzalez greco griffin guo gupta gustafsson gutierrez guzman haddad hamilton hansen
hartmann hayashi hayes henderson hendriks hernandez herrera hoffmann hofmann horvath hosseini
huang hughes hussain ibarra inoue ivanov iyer jackson jang jansen jenkins jensen johansen
johansson johnson jones juarez kamau kaminski kang kaplan kapoor karimi karlsson kato katz
kavanagh kaya kennedy khan khoury kimura klein kobayashi kovacs kowalczyk kowalski krause krüger
kuznetsov köhler lambert lange larsen larsson laurent lefebvre lehmann levy lewandowski liu
lombardi luo macdonald macleod maier maldonado mancini mansour marino marquez marshall martinez
martins matsumoto mccarthy mcdaniel mcdonald mcdonnell medina mehta meijer mendoza menon mensah
mercier meyer mitchell mizrahi montoya morales moreau moreno morris mukherjee mulder murphy murray
mwangi myers nair nakamura nasser navarro neumann nielsen nilsson novak novotny nowak obrien
oconnor odonnell okafor okonkwo oliveira olsen olsson oneill orozco ortiz osullivan otieno owens
owusu pacheco padilla patel patterson pedersen pereira perez perry persson peterson petrov
phillips popov quinn quintero rahimi ramirez ramos rao rasmussen reddy reyes reynolds ribeiro
ricci richardson richter rivera rizzo roberts robinson rodriguez rogers romano romero rosales
rosenberg rossi rousseau roux ruiz russo sahin salazar saleh sanchez sanders santos sasaki sato
schmidt schmitt schneider schröder schulz schwarz schäfer serrano shapiro sharma shimizu silva
simmons simpson singh smirnov smit smith sokolov solis sorensen soto souza stevens stewart suarez
sullivan suzuki svensson takahashi tanaka tesfaye thompson torres tran traore trevino trujillo
valdez valencia vandenberg vargas vasquez velasquez verma villarreal visser volkov wagner wallace
wang watanabe watson webb weber weiss williams wilson wisniewski wolff wójcik xiao xu yamada
yamamoto yang yilmaz yoon yoshida zamora zhang zhao zheng zhou zhu zielinski zimmermann zuniga
""")
"""Family names that are hardly ever another word: taken for names in any case, anywhere."""

EPONYMS = _words("""
disease syndrome sign test lymphoma score procedure criteria classification
""")
"""With one of these behind it, a family name is an illness or a method."""

SURNAME_OR_WORD = _words("""
baker banks barber bell berry best bird bishop black bond brown bush butcher butler carpenter
carter chambers church clay cook cooper cross day dean drake farmer field fields fisher flowers
ford fox french frost gardner gold good grant gray green hall hardy hart hill holmes house hunt
hunter king knight lake lamb lane law little long love marsh martin mason may miller moon moore
noble page park parker parks piper pope porter post potter powers price prince reed rice rich
rivers rose rush sharp shepherd singer small snow speed spring stone strong summers swan sweet
taylor temple tucker turner walker wall ward waters weaver weeks wells west white wise wolf wood
woods wright young
""")
"""Family names that are also words: names after a first name."""

PARTICLES = _words(
    "de del della der den di da das dos du la las le los van von ter bin ibn al el y"
)
"""Small words inside a family name."""

SAINTS = _words("san santa santo saint st ste")
"""With one of these before it, a first name is a town or a hospital."""

HONORIFICS = _words("""
dr frau herr madame miss mme monsieur mr mrs ms mx prof professor señor señora señorita sr sra
srta
""")

PERSON_CUES = _words("""
grandma grandpa grandmother grandfather aunt uncle lady gentleman
brother caller client dad daughter doctor father guardian husband member mom mother nurse paciente
patient patients physician pt referrer relative sister son wife
""")
"""A name may follow at once: ``patient jane doe``."""

NAME_CUES = _words("name named called surname nombre namens")
"""What follows is a name: ``her name is``, ``a woman named``."""

BESIDE_NAMES = _words("""
about after am and ask because before book but by call contact did does email follow for from has
if is like meet notify of or phone remind schedule see tell text than that to until was when with
""")
"""A capitalised word that nothing else explains, behind one of these, is taken for a name."""

CALENDAR = _words("""
apr april aug august christmas dec december easter feb february fri friday jan january jul july
jun june mar march may mon monday nov november oct october sat saturday sep sept september sun
sunday thanksgiving thu thur thurs thursday tue tues tuesday wed wednesday
""")

PLACES = _words("""
ashkenazi jewish muslim christian catholic hindu buddhist caucasian native pacific islander
african alabama alaska amazon america american android apple arabic arizona arkansas asian
australia britain california canada carolina china chinese colorado connecticut dakota delaware
england english europe european federal florida france french georgia german germany github gitlab
google hampshire hawaii hispanic idaho illinois india indiana iowa ireland italy japan jersey
kansas kentucky korean latino linux louisiana macos maine maryland massachusetts medicaid medicare
mexico michigan microsoft minnesota mississippi missouri montana nebraska nevada ohio oklahoma
oregon pennsylvania portuguese rhode russian spain spanish tennessee texas tricare uk us usa utah
vermont vietnamese virginia washington windows wisconsin wyoming york
""")

COMMON = _words("""
appt appts dob mrn ssn yo yr yrs vs
a abandon abdomen abdominal ability able abnormal about above abroad absence absent absolute
absolutely abuse academic accept acceptable accepted access accessible accident accompany
accomplish according accordingly account accurate achieve achieved acquire across action active
activity acts actual acute adapt adapted add added addict addition additional address adequate
adjacent adjust administrator admission admit adopt adult advance advantage advertise advice
affair affect afford afraid after afternoon again against age aged agency agenda agent aggressive
ago agree agreement ahead aid air alarm album alcohol alert alias alive all allergic allergies
allergy allocate allow allowed almost alone along aloud already also alter alternative although
altogether always am amazing ambiguous ambulance ambulatory among amount an analysis analyst
ancient and anemia aneurysm anger angiogram angle angry animal ankle anniversary announce annoy
annual another answer anxiety anxious any anybody anyone anything anyway anywhere apart apartment
apologize app apparent appeal appear appearance appetite apple applicable applies apply
appointment appreciate approach appropriate approval approve approved approver approximate
approximately arbitrary archive are area aren't argue arise arm army around arrange arrangement
arrival arrive arrived article artificial ask asked asking aspect assess assessment asset assign
assigned assignee assignment assist assistance associate associated assume assumption assure
asthma at atmosphere attach attached attack attempt attempted attend attention attitude attract
audience aunt author authority authorization auto automatic available avenue average avoid awake
award aware away awful baby back background backup backward bad bag bake balance ball ban band
bank banned bar bare barrier base based basic basis batch bath bathing bathroom battery battle bay
be beach beam bear beard beat beautiful because become bed bedroom bedside been beer before beg
begin beginning behave behavior behind being belief believe belly belong below belt bench bend
beneath benefit beside best bet better between beverage beyond big bigger bike bill billed billing
bind biopsy birth birthday bite bits bitter bladder blame blank blanket bleed bleeding blind blink
block blocked blood blow blue blur board boat body boil bold bomb bone book booked booking boot
border bored boring born borrow boss both bother bottle bottom bound boundaries bowel bowl box
brace brain branch brave bread break breakfast breaking breast breastfeed breath breathe breathing
breed brief briefly bright bring broad broken brother brought bruise brush bucket budget bug build
burden burn bury bus business busy but butter button buy by bypass cable cake calcium calculate
calculated call callback called caller calm came camera camp campaign can can't cancel canceled
cancelled cancer candidate candy cannot cap capabilities capable capacity captain capture captured
car carbon card cardiac cardiologist care career careful caregiver carpet carrier carry case cash
cast castle cat catch category catheter caught cause caution cautious cave ceiling celebrate cell
center central centre century ceremony certain certificate cervical chain chair challenge champion
change changed channel chapter character characteristic charge charity charm chart chase cheap
cheat check checked cheese chemical chemo chemotherapy chest chicken chief child childhood
children chin chip chocolate choice cholesterol choose chosen chronic chunk cigarette circle
circular circumstance cite citizen city civil claim clarify class classes classic clause
claustrophobia claustrophobic clean cleaned clear clearance clerk clever click client cliff
climate climb clinic clinical clock close closed closest cloth clothes clothing cloud club clue
cluster coach coast coat code coded coder coffee coil col cold collapse colleague collect
collection college colon colonoscopy color colour column comb combination combine combining come
comfort comfortable command comment commercial commission commit commitment committee common
communicate communication community compact company compare comparison compatible compete complain
complete completed complex complicated complication component composed compound comprehensive
compromise computation computer conceive concentrate concept concern concerning conclude
conclusion concrete condition conduct conference confidence confident configure confirm
confirmation confirmed conflict confuse confused connect connected connecting connection conscious
consecutive consent consequence consequently conservative consider considerable consist consistent
consisting constant constantly constrained constraint construct constructing consult consultation
consume contact contain containers content contest context continue continuous contract contrary
contrast contribute control controlled convenience convenient convention converge conversation
conversions convert convince cool cooperate coordinates copay cope copy core corner corporate
correct correction correspond cosmetic cost cotton cough could couldn't council counsel count
counter country couple courage course court cousin cover coverage covered crack craft crash crazy
cream create created creatinine creation creature credit crew crime criminal crisis criteria
criterion critic critical criticism crop crowd crucial cruel cry cultural culture cup cupboard
cure curious currency current currently curve custom customer customize cut cycle cyst daily
damage damaged damp dance danger dangerous dare dark darkness data date dated day dead deadline
deaf deal dear death debate debt debug decade decent decide decided decision declared decline
decoded decrease dedicated deep default defeat defect defence defend deficiency define definite
definitely definition degree delay delete deleted deliberately delicate delicious delight deliver
delivery demand dementia democracy demonstrate denied denote dense density dental dentist deny
department depend dependency dependent deposit depressed depression depth deputy derive describe
described description desert deserve design designed desire desired desk despite destination
destroy detail detect detected detection determinant determine determined dev develop developed
development device devote dexa diabetes diabetic diagnose diagnosed diagnosis diagnostic diagram
dialysis diarrhea diary dictate dictionary did didn't die diet differ difference different
difficult difficulty dig digest digital digits dilated dinner dip direct direction directive
directly director dirt dirty disability disable disabled disagree disappear disappoint disaster
discard discharge discharged discipline disconnected discount discover discovery discuss
discussion disease dish dismiss disorder display dispute distance distant distinct distinguish
distribute distribution district disturb divide division divorce divorced dizzy do doc doctor
document does doesn't dog doing dominant don don't donate done donor door dose dot double doubt
down download draft drag drain drama dramatic draw drawing dream dress drink drinking drive driver
drop dropped drown drug drunk dry due dull dumb duplicate duration during dust duty dye each eager
ear earlier earliest early earn ease easier easily east eastern easy eat eating echo economy edge
edit editor educate education effect effective efficiently effort egg eight eighteen eighty either
elbow elderly elect election electronic elements elevated elevator eligible eliminate else
elsewhere email embarrassed embedded embrace embryo emerge emergency emotion emotional emphasis
emphasize employ employed employee employer employment empty enable encoded encounter encourage
end ended enemy energy enforce engage engaged engine engineer english enhance enjoy enormous
enough enrolled enrollment ensure enter entertain enthusiasm entire entirely entities entitle
entrance entry envelope environment environmental equal equally equation equipment equivalent
error escape escaped escort especially essay essential essentially establish estate estimate eta
evaluation even evening event eventually ever every everybody everyone everything everywhere
evidence evil evolve exact exactly exaggerate exam examination examine example exceed exceeded
excellent except exception excess excessive exchange excite exclude exclusively excuse executive
exercise exhaust exhibit exist existence existing exit expand expansion expect expected expense
expensive experience experiment expert expire explain explanation explicit explore explosion
export expose exposed exposure express expression extend extended extension extensive extent
external extra extracted extraordinary extreme extremely eye face facilities facility fact factor
factory fail failed failure faint fair fairly faith fake fall false fame familiar family famous
fan fancy far fashion fast fasting fat fatal fate father fatigue fault favor favorite fax fear
feasible features federal fee feel feet fellow felt female fence festival fetal fetus fever few
fiber fibroid fiction field fifteen fifth fifties fifty fight figure file fill film filter final
finance financial find finding fine finger finish finite fire firm first fish fist fit fitness
fitted five fix fixed flag flash flat flavor flesh flexible flight float flood floor flow flower
flu fluid fly focus fold folder folk follow followed following fond food fool foot football for
force forearm forecast foreign forest forever forget forgive fork form formal former formula
fortune forty forum forward found foundation four fourteen fracture fragment frail frame frank
free freedom freeze frequency frequent frequently fresh friend friendly fright from front fruit
frustrate fuel full fully fun function fund fundamental funded funeral funny furnished furniture
further furthermore future gain gallbladder gallery gallon game gap garage garden gas gate gather
gauge gave gay gender gene general generally generate generation generous genetic gentle gently
genuine gesture get getting gift girl give given giving glad glance gland glass glasses global
globe gloves glucose glue go goal goes going gold golden gone good got government gown grab grade
gradually graduate grain grand grandfather grandmother granted grass grateful grave great greater
green grid grip groin gross ground group grow growth guarantee guaranteed guardian guess guest
guide guilty gun gut habit had hair half hall hand handicap handicapped handle handlers hang
happen happy hard harm has hasn hasn't hat hate have haven haven't having he he's head headache
headers heal health healthy hear hearing heart heating heaven heavy heel height held hell hello
help helpful hence hepatitis her herb here hereby hero herself hesitate hey hi hid hidden hide
hierarchy high higher highlight highlighted highly hill himself hint hip hire historical history
hit hobby hold hole holiday hollow holy home homeless honest honor hope horizontal hormone horror
horse hospital host hot hotel hour house household how however huge human humor hundred hungry
hurry hurt husband hyper hypertension i i'd i'll i'm i've ice id idea ideal identical identify
identity if ignore ignored ill illegal illness image imagine imaging immediate immediately
immigrant immune impact impaired impairment implant implement implementation implicit implied
implies imply import importance important importantly impose impossible impress improve improved
improvement in inch incident include included including inclusion inclusive income inconsistent
incorrect increase indeed independent independently index indicated indication indicator indirect
individual individually industrial industry infant infection influence info inform information
ingredient inherit initial initiate inject injection injured injury inline inner innocent
inpatient inquiry insert inside insist inspect inspection inspired install installation instance
instant instead institute institution instruction instrument insulin insurance insured insurer
intact intake intellectual intelligence intend intended intense intent interact interactive
interest interested interesting interfaces interfere interior intermediate internal interpret
interpretation interpreter interrupt intersection interval interview into intolerance introduce
introduced invalid invasive invent invest investigate investigation invite invoice involve
involved iron irregular irritate island isn isn't isolated issue it it's itch item itself jacket
jail jaw jealous jewelry job join joint joke journal journey joy judge judgment juice jump junior
jury just justice justify keep kept key keyboard kick kid kidney kill kind king kiss kitchen knee
knew knife knock knot know knowledge known lab label lack ladder lady lake lamp land lane language
lap large larger largest laser last late later latest latex latter laugh launch laundry law lawyer
layer layout lead leader leadership leaf leak lean leap learn least leave lecture left leg legacy
legal legend lend length lens lesion less lesson let let's letter level liberty library license
lie lifestyle lifetime lift ligament light like likely limb limit limitation limited limp line
linear link lip liquid list listed literally literature little live liver living load loan lobby
local location log logical lonely long longer look looking lookup loop loose lord loss lost lot
loud love lovely low lower lowest loyal luck lucky lumbar lump lunch lung luxury lying lymph
machine machinery mad made magazine magic magnet magnetic magnitude mail main mainly maintain
maintainer maintenance major majority make making male mall mammo mammogram mammographer
mammographic mammography man manage manager mandatory manner manual manufacture many map margin
mark marked markers marriage married mask mass master match material math mathematical matter
mature maximal maximum may maybe me meal mean meant meanwhile measure measurement meat mechanical
mechanism media medicaid medical medication medicine meet meeting member memory men menopause
mental mention mere merely merge mess message met metabolic metal meter metformin method metre mid
middle midnight might migraine mild mile milestone military milk mind mine mineral minimal
minimize minimum ministry minor minority minute mirror miss missed missing misuse mix mixed
mixture mobile mobility model moderate modern modest modifier moisture mom moment money month
monthly mood moon moral more moreover morning mortgage most mostly mother motion motor mount
mountain mouse mouth move moved movement movie mri much mud multiple multiply murder muscle museum
music musical must mutual my myself mystery nail naked name named narrow nasal nation national
native natural naturally nature nausea near nearby nearest nearly necessarily necessary necessity
neck need needed needing needle negative negligible negotiate neighbor neighborhood neither nerve
nervous nest net network neural neutral never nevertheless new newborn newer newest newspaper next
nice nicotine night nine no nobody node nodule noise non none nonsense noon nor norm normal
normally north nose not notable note nothing notice notify novel now nowhere number nurse nursery
nursing nut nutrition obese object objective obligation observe obstacle obtain obvious obviously
occasion occasional occasionally occupation occupy occur occurred ocean odd of off offense offer
offered office officer official often oh oil ok okay old older oldest on once oncologist one
ongoing online only onset onto open opened opening operate operation operator opinion opponent
opportunity oppose opposite opposition optimal option optional or oral orange orbit order ordered
ordering ordinary organ organic organisation organization organize orientation origin original
other otherwise ought our ourselves out outbreak outcome outlet outline outlook outpatient output
outside outstanding ovarian ovary oven over overall overcome overdue overhead overlap overlapping
overlook overnight overrides overweight owe own owner ownership oxygen pace pacemaker pack package
packet page paid pain pair pale palm pancreas panel panic pants paper paramedic parent park
parking part partial participate particular particularly partly partner party pass passage
passenger passion passive passport password past patch path pathway patience patient pattern pause
pay payer peace peak peanut peculiar pediatric pelvic pelvis pen penalty pencil pending penny
pension people people's pepper per perceive percent percentage perfect perfectly perform
performance performed perhaps period permanent permanently permission permit permitted persist
person personal pet petition pharmacist pharmacy phase phenomenon phone photo photograph phrase
physical physician pick picked pickle piece pile pill pillow pilot pinch pink pipe pity pizza
place placed placenta plague plain plan plane planet plant plaque plastic plate platform play
pleasant please pleased pleasure plenty plot plus pm pocket poem poet point poison pole police
policies policy polite political politics pollution pool poor pop popular population porch port
portable portal portion pose position positive possess possession possibility possible possibly
post postpone postponed pot potential potentially pound pour poverty powder power powerful
practical practically practice pray pre precision predict prefer preference preferred prefix
pregnancy pregnant prejudice preliminary premium prep preparation prepare prepend prescribe
prescribed prescription presence present presentation preserve preserved president press pressure
presumably pretend pretty prevent prevention previous previously price pride priest primarily
primary principal principle print prior priority prison prisoner privacy private prize probability
probably problem procedure proceed process produce product production profession professional
professor profile profit program progress progressive prohibit project prominent promise promote
prompt promptly pronounce proof propagate proper property proportion proposal propose prostate
prosthesis prosthetic protect protection protective protein protest protocol proud prove provide
provided provider province provision provisional psychiatric psychological public publish pull
pulmonary pulse pump punish punishment pupil purchase pure purely purple purpose pursue push put
puzzle qualified qualifies qualify quality quantity quarter queen question queue quick quickly
quiet quit quite quote race radiation radical radio radiologist radiology rail rain raise ramp
random range rank rapid rapidly rare rarely rash rat rate rather ratio raw ray reach reached react
reaction read readable ready real realistic reality realize really rear reason reasonable rebel
recall receipt receive received recent recently reception recipe reckon recognize recognized
recommend recommendation recommended reconsider record recover recovery rectangular recur
recurrent red reduce reduction redundant refer reference referral referred referring reflect
reflection reflux reform refugee refusal refuse refused regard regarding regardless region
register registered registration regret regular regulate regulation rehab rehabilitation reject
relate related relation relationship relative relatively relax release relevant reliable relief
relieve religion religious rely remain remainder remaining remark remarkable remedy remember
remind reminder remote removal remove removed renal rent reopen repair repaired repeat repeated
repeatedly replace replacement reply report repository represent representative represented
reproduce reputation request requested requester require required requirement reschedule
rescheduled rescue research resemble reserve residence resident residual resist resistance
resolution resolve resort resource respect respective respectively respond response responsibility
responsible rest restaurant restore restrict restricted restriction result resume retain retire
retirement retries retry return reveal revenue reverse reversed review reviewed reviewer revise
revision reward rhythm rib rich rid ride ridiculous right rigid ring rise risk rival river road
rob rock role roll roof room root rope rose rough roughly round rounding route routed routine row
royal rub rubber rude ruin rule run running rural rush sacrifice sad safe safely safer safety said
sail salad salary sale salt same sample satisfaction satisfied satisfy sauce save saved saw say
saying scale scaling scan scanner scar scared scary scenario scene schedule scheduled scheduler
scheduling scheme scholar school science scientific scientist scope score scored scratch scream
screen screening script sea seal search season seat second secondary secret secretary section
secure security sedated sedation see seed seeing seek seem seen seize seizure seldom select
selection selective self sell send senior sensation sense sensible sensitive sent sentence
separate separation sequence series serious serum serve server service session set setting settle
settlement seven seventies seventy several severe sex sexual shade shadow shake shall shallow
shame shape share shared sharp she she's sheet shelf shell shelter shift shine ship shirt shock
shocked shoe shoot shop shopping shore short shortage shortly shot should shoulder shouldn't shout
show shower shown shrink shut shy sibling sick sickness side sigh sight sign signal signature
signed significance significant significantly silence silent silently silk silly silver similar
simple simplest simplify simply simultaneously since sincerely single sink sinus sit site
situation six sixteen sixth sixties sixty size skill skin skip skirt skull sky slash slave sleep
sleeve slice slide slight slightly slim slip slope slot slow small smart smell smile smoke smoked
smoker smoking smooth snap snapshot snow so soap social society sock soft software soil soldier
sole solid solution solve some somebody somehow someone something sometimes somewhat somewhere son
song soon sooner sore sorry sort sought soul sound soup source south southern space span spare
sparse speak speaker special specialist specialized species specific specifically specification
specified spectrum speech speed spell spend spill spinal spine spirit spiritual spit spite spleen
split spoil spoke spokesman sponsor spontaneous spoon sport spot spouse spread spring square
stable stack stadium staff stage stair stake stamp stand standard stare start started starting
state stated statement station statistics statue status stay steady steal steam steel steep stem
stent step stick sticky stiff stiffness still stimulate sting stir stock stomach stone stop
stopped store storing storm story straight straightforward strange stranger strategy stream street
strength strengthen stress stressed stretch stretcher strict strictly strike string strip stripped
stroke strong strongly structure structured struggle stuck student studies study stuff stupid
style subject submit subsequent subsequently substance substantial substitute subtle suburb
succeed success successful successfully such sudden suddenly sue suffer suffering sufficient
sufficiently sugar suggest suicide suit suitable sum summary summer sun super superior supervisor
supplement supplies supply support supportive suppose supposed suppressed sure surface surgeon
surgery surgical surprise surprised surprising surround surroundings survey survival survive
survivor suspect suspected suspend suspension suspicion sustain swallow swap swear sweat sweep
sweet swell swelling swim swing switch swollen sword symbol symmetry sympathy symptom system table
tablet tail take taken taking talent talk tall tank tap tape target task tattoo tax tea teach
teacher team tear tech technical technician technique technologist technology teen teenager
telephone television tell temperature temporarily temporary ten tend tendency tender tenderness
tension tent term terminated terrible territory terror test tested testify testing text than thank
that that's the theatre their them themselves then theory therapist therapy there there's these
they they're thick thief thigh thin thing think third thirteen thirty this thoracic thorough
thoroughly those though thought thousand thread threat threaten three throat through throughout
throw thumb thus thyroid ticket tie tight tile till time timestamp tiny tip tired tissue title to
tobacco today toddler toe together toilet told tolerate tomorrow tone tongue tonight too took tool
tooth top topic torn total tough tour tourist toward towel tower town toxic toy trace track trade
tradition traditional traffic tragedy training trait transfer transferred transform transition
translate translation translator transmission transparent transplant transport transportation trap
trauma travel tray treasure treat treated treatment tree tremendous trend triage trial triangle
tried trigger triggered trip triple trivial troop tropical trouble truck true truly trunk trust
truth try trying tube tuesday tumor tumour tune tunnel turn twelve twenty twice twin twist two
type typical typically ugly ulcer ultimate ultimately ultrasound umbrella unable uncertain
unchanged uncle unclear uncomfortable undefined under undergo undergoing undergone underlying
understand understanding undertake unemployed unexpected unfair unfortunately unhappy uniform
union unique unit universal universe university unknown unless unlike unlikely unnecessary unpaid
unpleasant unsafe unstable unsure until untreated unused unusual up upcoming update updated upon
upper upset upstairs urban urge urgency urgent urgently urinary urine us use used useful user
using usual usually uterus utilities utility vacant vacation vaccinated vaccination vaccine vague
valid valuable value van variable variation varies variety various vary vascular vast vegetable
vehicle vein vendor verbal verify version versus vertical very vessel veteran via victim victory
video view viewing village violation violence violent virtual virtually virus visible vision visit
visitor visual vital vitamin vocabulary voice void volume voluntary volunteer vomit vomiting vote
vulnerable wage waist wait waiting wake walk walker walking wall wander want wanted war warm
warmth warn warning was wash wasn wasn't waste watch water wave way we we're we've weak weaken
weakness wealth weapon wear weather web website wedding week weekday weekend weekly weigh weight
weird welcome well went were weren west western wet what what's whatever whatsoever wheel
wheelchair when whenever where whereas wherever whether which while whisper who who's whole whom
whose why wide widely widespread widow widowed width wife wild will willing wind window wine wing
winner winter wipe wire wisdom wise wish with withdraw within without witness wolf woman women won
won't wonder wonderful wooden wool word work worker working workplace workshop world worldwide
worn worry worse worst worth worthwhile worthy would wouldn wouldn't wound wrap wrist write
written wrong x xray yard year yearly yell yellow yes yesterday yet yield you you're young younger
youngest your yourself youth zero zone
""")
"""Words of ordinary sentences about appointments, rules and tickets; their endings are stripped."""

ACRONYMS = _words("""
am api asap bmi ca cd ci cli copd cpt cpu css ct cta dexa do dob dxa ecg ed egfr ekg ent er eta eu
faq fl fyi gfr gi gp gpu gyn hipaa hiv hmo html http https icd icu id iv json md mr mra mri mrn np
ny ob obgyn oh ok opd or os pa pdf pet pm ppo pr psa qa ram rn sdk sql ssn tx ui uk url us usa ux
xr yaml
""")
"""Capital letters that are no name."""

ENDINGS = [
    "ing",
    "ed",
    "ly",
    "tion",
    "sion",
    "ment",
    "ness",
    "ous",
    "ic",
    "ics",
    "ical",
    "able",
    "ible",
    "al",
    "ive",
    "less",
    "ful",
    "ity",
    "ism",
    "gram",
    "graph",
    "graphy",
    "scopy",
    "scan",
    "ology",
    "itis",
    "osis",
    "emia",
    "oma",
    "ectomy",
    "ance",
    "ence",
    "ary",
    "ate",
    "ize",
    "ise",
    "ships",
    "phobic",
    "plasty",
    "pathy",
]
"""Endings of ordinary words, where a lower-case word behind a cue is in no list."""
